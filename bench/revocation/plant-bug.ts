import { registerHooks } from 'node:module'
import { type BugName, seededBugs } from './seeded-bugs.ts'

/** Loaded before the server, with the name of a bug in the query: the server's sources are read with it in place. */
const name = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const { edits } = seededBugs[name as BugName] // sound: whoever starts it took the name from there

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const here = edits.filter(({ file }) => url.endsWith(`/packages/server/src/${file}`))
    if (here.length === 0) return loaded
    let source = String(loaded.source)
    for (const { file, replace, by } of here) {
      // A bug that no longer fits must not pass for one that was not found.
      if (source.split(replace).length !== 2) throw new Error(`"${name}" does not fit ${file} any more`)
      source = source.replace(replace, () => by)
    }
    return { ...loaded, source }
  },
})
