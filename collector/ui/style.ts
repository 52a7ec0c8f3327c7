import { html, type Markup } from "./html.ts";

/** The only style sheet. Colours of a state are a variable of its element, so that each mark of the state follows. */
export const STYLE: Markup = html`:root{color-scheme:light dark;--line:#8886;--dim:#5a5a5a;--safe:#1f7a3d;--watch:#8f5600;--unknown:#6a44a8;--risk:#b32d20;--maintenance:#2f62a0;--link:#1d5fb4;--page:#fff;--text:#1a1a1a}
@media (prefers-color-scheme:dark){:root{--dim:#b4b4b4;--safe:#5fbf7f;--watch:#f0a020;--unknown:#b48ef0;--risk:#ff7a6e;--maintenance:#7fb2f0;--link:#8ab8f5;--page:#161616;--text:#ececec}}
*{box-sizing:border-box}body{background:var(--page);color:var(--text);font:15px/1.5 system-ui,"Noto Sans JP","Yu Gothic UI",Meiryo,sans-serif;max-width:80rem;margin:0 auto;padding:0 1rem 2rem;overflow-wrap:break-word}
a{color:var(--link)}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline;border-bottom:1px solid var(--line);padding:.75rem 0;margin-bottom:1rem}header p{margin:0}.name a{font-weight:600;color:inherit;text-decoration:none}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;flex:1}nav a{text-decoration:none;padding:.15rem 0}nav a[aria-current]{color:inherit;border-bottom:2px solid}.language{display:flex;gap:.75rem}
h1{margin:0 0 .75rem;font-size:1.4rem}h2{margin:0 0 .5rem;font-size:1.1rem}h3{margin:.75rem 0 .25rem;font-size:1rem}small{font-weight:400;color:var(--dim);font-size:.87em}.dim,footer{color:var(--dim);font-size:.9rem;margin:.5rem 0 0}footer{margin-top:1.5rem}
.safe{--state:var(--safe)}.watch{--state:var(--watch)}.unknown{--state:var(--unknown)}.risk{--state:var(--risk)}.maintenance{--state:var(--maintenance)}
.warning{border:2px solid var(--risk);padding:.6rem 1rem}.verdict{border-left:.5rem solid var(--state);padding:.6rem 1rem;margin:0 0 1rem;background:color-mix(in srgb,var(--state) 10%,transparent)}.verdict b{color:var(--state);font-size:1.5rem;margin-right:.75rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(34rem,100%),1fr));gap:1rem;align-items:start}
section{border:1px solid var(--line);border-top:3px solid var(--state,var(--line));border-radius:.4rem;padding:.75rem 1rem;margin:0 0 1rem;min-width:0}.cards section{margin:0}h2 b{float:right;color:var(--state)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th{text-align:left}td,th{padding:.25rem .75rem .25rem 0;border-top:1px solid var(--line);vertical-align:top}thead th{border:0;font-weight:400;color:var(--dim);font-size:.87em;white-space:nowrap}tbody th{font-weight:600}td{font-variant-numeric:tabular-nums}.number{text-align:right}
tr.risk th,tr.watch th,tr.unknown th,tr.risk td,tr.unknown td,.state{color:var(--state)}.finding{border-left:3px solid var(--state,var(--line));padding-left:.6rem;margin:.5rem 0 0}
form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin:0 0 1rem}label{display:flex;flex-direction:column;font-size:.87em;color:var(--dim);max-width:100%}input,select,button{font:inherit;padding:.3rem .5rem;max-width:100%}
svg{width:100%;height:auto;display:block;max-width:44rem}svg text{fill:currentColor;font-size:12px}.track{fill:var(--line)}.fill{fill:var(--state,var(--safe))}.mark{stroke:currentColor;stroke-width:2;stroke-dasharray:4 3}.curve{fill:none;stroke:var(--link);stroke-width:2.5}.axis{stroke:var(--line)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}dt{color:var(--dim)}dd{margin:0;min-width:0}code{background:color-mix(in srgb,currentColor 9%,transparent);padding:.05rem .3rem;border-radius:.2rem;overflow-wrap:anywhere}.pages{display:flex;gap:1.25rem}.index{columns:16rem;padding-left:1.2rem}
.cards{margin-bottom:1rem}time{white-space:nowrap}.scroll td,.scroll th{overflow-wrap:normal}
@media (max-width:40rem){nav{flex-basis:100%;order:1}.language{margin-left:auto}.scroll table{min-width:40rem}.scroll td,.scroll th{min-width:6rem}.scroll tbody th{white-space:nowrap}svg{overflow:visible}svg text{font-size:20px}}
@media (max-width:30rem){dl{grid-template-columns:1fr}dt{margin-top:.4rem}h2 b{float:none;display:block}}`;
