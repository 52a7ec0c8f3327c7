import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/** Looks through a database for damage, table by table, in a thread of its own; tells the first that it finds, or "". */
const { file } = workerData as { readonly file: string };

const firstDamage = (): string => {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
    for (const { name } of tables) {
      const found = db.prepare(`pragma quick_check('${name.replaceAll("'", "''")}')`).get() as Record<string, string>;
      const [text] = Object.values(found);
      if (text !== "ok") return `${name}: ${text}`;
    }
    return "";
  } catch (cause) {
    return (cause as Error).message;
  } finally {
    db.close();
  }
};

parentPort!.postMessage(firstDamage());
