/** What is known of a domain controller: its name, as \\NAME, and DsGetDcName's flags. */
export interface ControllerInfo {
  readonly DomainControllerName: string | null;
  readonly Flags: number;
}

/** DS_SELECT_SECRET_DOMAIN_6_FLAG: it has some of the domain's secrets, which is what a read-only one has. */
const SOME_SECRETS = 0x800;

/**
 * Whether `own` (an FQDN) is a read-only domain controller. DsGetDcName answers on a domain controller with that one itself;
 * where it answers with another, nothing is known. Pure.
 * https://learn.microsoft.com/windows/win32/api/dsgetdc/ns-dsgetdc-domain_controller_infow
 */
export const readOnlyIn = ({ DomainControllerName: name, Flags: flags }: ControllerInfo, own: string) =>
  name?.replace(/^\\\\/, "").toLowerCase() === own.toLowerCase() ? (flags & SOME_SECRETS) !== 0 : undefined;
