/**
 * Attribute that marks a record of an event that stands in the log of the resource's own host, though `computer` is another
 * name: a former one of that host. Without the mark an event about another computer was forwarded.
 */
export const OWN_CHANNEL = "activation.own_channel";
