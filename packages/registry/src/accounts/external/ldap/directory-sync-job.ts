/** Kind of the job that looks at the directory. */
export const DIRECTORY_SYNC = "directory.sync";
