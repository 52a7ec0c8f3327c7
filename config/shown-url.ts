/** An address as messages and logs show it: without a user name and password. */
export const withoutCredentials = (url: string): string => url.replace(/\/\/\S*@/, "//");
