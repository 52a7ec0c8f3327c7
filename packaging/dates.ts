/** 2020-01-01: Windows Installer's dates begin in 1980, and any fixed one makes the same input give the same bytes. */
export const FIXED_DATE = 1_577_836_800;
