// The first import of every entry point. better-sqlite3 ends the process without a word on Node 20.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `Cutover needs Node >= 24, and this is ${process.version}; npm scripts and npx here bring their own.\n`,
  )
  process.exit(1)
}
