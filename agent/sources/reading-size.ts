/** Bytes that one reading of a recorded file takes at most; one of an event log takes less. */
export const READING_MAX = 4 * 1024 * 1024;
