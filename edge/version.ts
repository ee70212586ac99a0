/** What the servers of the platform say that they are; the version in package.json. */
export const version = "0.1.0";
