import { readRecord, resourceOf, SERVICE } from "../../licensing/telemetry/otlp-mapping.ts";
import type { LogsRequest } from "../../otlp/logs.ts";
import { kindOf } from "./accepted-record.ts";
import { type IsForwarder, type Sender, senderOf } from "./sender.ts";

/** What a resource says of itself, and who that is after the sender's certificate or token; or why nothing of it is taken. */
export type GroupSender = DescribedSender | { readonly forbidden: string };
export type DescribedSender = ReturnType<typeof resourceOf> & Sender;

/**
 * Who sends each group. A request of which nothing may be taken is refused as a whole: who has the wrong certificate keeps the
 * records until that is fixed. Otherwise what may not be reported is rejected alone, and does not hold up the rest.
 */
export const sendersOf = (
  groups: LogsRequest,
  certified: readonly string[] | undefined,
  isForwarder: IsForwarder,
): readonly GroupSender[] | { readonly reason: string } => {
  const senders = groups.map(({ resource, scope, records }): GroupSender => {
    const described = resourceOf(resource.attributes);
    const { host, serviceName } = described;
    const agentEvents = () =>
      serviceName === SERVICE && records.some((it) => kindOf(it, readRecord(it, scope.name)) === "event");
    const found = senderOf({ host, agentEvents }, certified, isForwarder);
    return "forbidden" in found ? found : { ...described, ...found };
  });
  const refusals = senders.filter((it) => "forbidden" in it);
  if (refusals.length > 0 && refusals.length === senders.length) return { reason: refusals[0]!.forbidden };
  return senders;
};
