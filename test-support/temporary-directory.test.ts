import { existsSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTemporaryDirectory } from './temporary-directory.ts'

it('is empty, private, and gone with all that is in it when the test ends', async () => {
  let path: string
  {
    await using directory = await createTemporaryDirectory()
    path = directory.path
    expect(await readdir(path)).toEqual([])
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    await mkdir(join(path, 'below'))
    await writeFile(join(path, 'below', 'file'), 'text')
  }
  expect(existsSync(path)).toBe(false)
})
