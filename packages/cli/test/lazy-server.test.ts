import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startedFromSource } from '../../../test-support/programs.ts'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { runCutover } from './run-cutover.ts'

describe('a command that asks the API', () => {
  it('loads nothing of the server', async () => {
    await using directory = await createTemporaryDirectory()
    // What was loaded is what V8 has a coverage of.
    const env = { CUTOVER_URL: 'http://127.0.0.1:9', CUTOVER_TOKEN: 'none', NODE_V8_COVERAGE: directory.path }
    expect((await runCutover(['secrets', 'list'], { env, from: startedFromSource('cutover') })).code).toBe(4)
    const reports = await Promise.all(
      (await readdir(directory.path)).map((name) => readFile(join(directory.path, name), 'utf8')),
    )
    const loaded = reports.flatMap((report) => JSON.parse(report).result.map(({ url }: { url: string }) => url))
    expect(loaded.filter((url) => url.includes('/packages/cli/src/')).length).toBeGreaterThan(10)
    expect(loaded.filter((url) => url.includes('/packages/server/'))).toEqual([])
  })
})
