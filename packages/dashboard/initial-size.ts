import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

export interface InitialSizeLimit {
  /** Gzipped, of all JavaScript that the page loads before anything is shown. */
  readonly mostBytes: number
}

interface Chunk {
  readonly code: string
  readonly isEntry: boolean
  readonly imports: readonly string[]
}

/** Prints what the first load costs, and fails the build that grows past the limit. */
export function initialSize({ mostBytes }: InitialSizeLimit): Plugin {
  return {
    name: 'initial-size',
    apply: 'build',
    writeBundle(_options, bundle) {
      const chunks = new Map<string, Chunk>()
      for (const output of Object.values(bundle)) if (output.type === 'chunk') chunks.set(output.fileName, output)
      const bytes = [...initialChunks(chunks)].reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)
      const words = `initial JavaScript: ${kilobytes(bytes)} kB gzipped, of at most ${kilobytes(mostBytes)} kB`
      if (bytes > mostBytes) this.error(words)
      process.stdout.write(`${words}\n`)
    },
  }
}

function initialChunks(chunks: ReadonlyMap<string, Chunk>): Set<Chunk> {
  const found = new Set<Chunk>()
  const visit = (chunk: Chunk | undefined): void => {
    if (chunk === undefined || found.has(chunk)) return
    found.add(chunk)
    for (const name of chunk.imports) visit(chunks.get(name))
  }
  for (const chunk of chunks.values()) if (chunk.isEntry) visit(chunk)
  return found
}

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1)
