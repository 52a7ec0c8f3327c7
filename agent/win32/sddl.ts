/** SIDs of a domain's or a computer's own accounts name it by three numbers, which a report must not. The last one stays. */
export const withoutDomains = (sddl: string): string => sddl.replaceAll(/S-1-5-21-\d+-\d+-\d+/g, "S-1-5-21-x");
