/** What the command ends with; scripts rely on these. docs/cli.md lists them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line or a setting of it is not valid: nothing was asked of the server. */
  usage: 2,
  /** A guard said no: what was to be deleted is in use, or nobody confirmed. */
  refused: 3,
  /** The server did not answer, or says that it cannot just now. */
  unreachable: 4,
  /** As shells have it for a command that was ended with Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
