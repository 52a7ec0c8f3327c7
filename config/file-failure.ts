/** Why a file could not be read or written, in words that follow its name. */
export const fileFailure = (cause: NodeJS.ErrnoException): string => {
  if (cause.code === "ENOENT") return "there is no such file";
  if (cause.code === "EISDIR") return "it is a directory; name the files in it";
  if (cause.code === "EACCES" || cause.code === "EPERM") return "access to it is not permitted";
  if (cause.code === "ERR_FS_FILE_TOO_LARGE" || cause.code === "ERR_STRING_TOO_LONG" || cause.code === "ENOBUFS")
    return "it is too large to be read at once; export the licensing events only (wevtutil qe with a query), or in parts";
  return cause.message.replace(/^(E[A-Z]+): (.*?), .*$/s, "$2 ($1)");
};
