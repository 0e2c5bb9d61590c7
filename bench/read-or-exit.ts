/** What `read` makes of the command line; where that is misuse, a TypeError, its words for the person there, and the end. */
export function readOrExit<Options>(read: (argv: readonly string[]) => Options): Options {
  try {
    return read(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(error.message)
    process.exit(2)
  }
}
