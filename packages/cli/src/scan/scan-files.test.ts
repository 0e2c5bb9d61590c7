import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../../test-support/temporary-directory.ts'
import { scanFiles } from './scan-files.ts'

it('tells a file that cannot be read, or has become a link, passes over one that is gone, and goes on', async () => {
  await using directory = await createTemporaryDirectory()
  const link = join(directory.path, 'link')
  await symlink(import.meta.filename, link)
  const unreadable: [string, string][] = []
  const file = (path: string) => ({ path: Buffer.from(path), bytes: 1 })
  const counts = scanFiles([file(directory.path), file(link), file('/nonexistent/a'), file(import.meta.filename)], {
    found() {},
    unreadable: (path, reason) => unreadable.push([path.toString(), reason]),
    progress() {},
  })
  expect(unreadable).toEqual([
    [directory.path, 'it is a directory'],
    [link, 'ELOOP'],
  ])
  expect(counts).toEqual({ files: 1, bytes: expect.any(Number), binaryFiles: 0 })
})
