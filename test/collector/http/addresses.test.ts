import { expect, test } from "@jest/globals";
import { addressesFor } from "../../../collector/http/addresses.ts";

const web = { host: "0.0.0.0", port: 9688, encrypted: false };
const otlp = { host: "0.0.0.0", port: 4318, encrypted: true, needsToken: true, needsCertificate: true };

/** A listener, the Host header of a reader, and what the page says. */
test.each<[Partial<typeof otlp>, Partial<typeof web>, string | undefined, Partial<ReturnType<typeof addressesFor>>]>([
  [
    {},
    {},
    "collector.contoso.com:9688",
    {
      otlp: "https://collector.contoso.com:4318",
      otlpNeeds: "token",
      otlpOnlyHere: false,
      web: "http://collector.contoso.com:9688",
      webTarget: "collector.contoso.com:9688",
      webOnlyHere: false,
    },
  ],
  [{ host: "10.0.0.5" }, {}, "collector:9688", { otlp: "https://10.0.0.5:4318" }],
  [{ host: "::" }, {}, "[2001:db8::1]:9688", { otlp: "https://[2001:db8::1]:4318", webTarget: "[2001:db8::1]:9688" }],
  [{ host: "2001:db8::1" }, {}, "collector", { otlp: "https://[2001:db8::1]:4318" }],
  [
    { host: "127.0.0.1", encrypted: false, needsToken: false, needsCertificate: false },
    { host: "127.0.0.1" },
    "127.0.0.1:9688",
    { otlp: "http://127.0.0.1:4318", otlpNeeds: "nothing", otlpOnlyHere: true, webOnlyHere: true },
  ],
  [{ needsToken: false }, {}, "c:1", { otlpNeeds: "certificate" }],
  // Behind a proxy on the same computer the reader's name is the proxy's.
  [
    {},
    { host: "127.0.0.1" },
    "activation.contoso.com",
    { web: "http://activation.contoso.com", webTarget: "activation.contoso.com:9688", webOnlyHere: false },
  ],
  // A Host header that is none tells nothing.
  [{}, {}, '"><script>', { otlp: "https://COLLECTOR:4318", web: "http://COLLECTOR" }],
  [{}, {}, undefined, { otlp: "https://COLLECTOR:4318" }],
])("OTLP %j, pages %j, Host %j", (otlpMore, webMore, host, expected) => {
  expect(addressesFor(host, { ...web, ...webMore }, { ...otlp, ...otlpMore })).toMatchObject(expected);
});
