/** The key of the collector's state in a store that is being filled by a copy; no collector opens it meanwhile. */
export const COPYING = "copying";
