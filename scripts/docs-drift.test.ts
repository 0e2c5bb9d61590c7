import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Documents, docsDrift, readDocuments } from './docs-drift.ts'

const documents = await readDocuments(join(import.meta.dirname, '..'))

/** The drift after `from` in one page became `to`. */
function driftAfter(page: keyof Documents, from: string, to: string): string[] {
  expect(documents[page]).toContain(from)
  return docsDrift({ ...documents, [page]: documents[page].replace(from, to) })
}

describe('the pages that say again what the code says', () => {
  it('agree with it', () => {
    expect(docsDrift(documents)).toEqual([])
  })

  it('are caught with a setting that is missing', () => {
    expect(driftAfter('configuration', '| `PORT` | `8080` | Port to listen on |\n', '')).toEqual([
      'docs/configuration.md lacks:\n  | `PORT` | `8080` | Port to listen on |',
    ])
  })

  it('are caught with another default', () => {
    expect(driftAfter('configuration', '| `PORT` | `8080` |', '| `PORT` | `80` |')).toEqual([
      'docs/configuration.md lacks:\n  | `PORT` | `8080` | Port to listen on |',
      'docs/configuration.md has, and the code has not:\n  | `PORT` | `80` | Port to listen on |',
    ])
  })

  it('are caught with a setting that does not exist', () => {
    expect(driftAfter('configuration', '| `PORT` |', '| `PORTS` | | More ports |\n| `PORT` |')).toEqual([
      'docs/configuration.md has, and the code has not:\n  | `PORTS` |  | More ports |',
    ])
  })

  it('are caught with an example that sets something', () => {
    expect(driftAfter('envExample', '#PORT=8080', 'PORT=8080')).toEqual([
      '.env.example lacks:\n  # Port to listen on\n  #PORT=8080',
      '.env.example has, and the code has not:\n  # Port to listen on\n  PORT=8080',
    ])
  })

  it('are caught with another status, in the dialect where it is', () => {
    expect(driftAfter('errors', '| `conflict` | 409 |', '| `conflict` | 400 |')).toEqual([
      'docs/errors.md lacks:\n  | `conflict` | 409 |',
      'docs/errors.md has, and the code has not:\n  | `conflict` | 400 |',
    ])
    expect(driftAfter('errors', '| `body_malformed` | 400 |', '| `conflict` | 409 |')).toEqual([
      'docs/errors.md lacks:\n  | `body_malformed` | 400 |',
      'docs/errors.md has, and the code has not:\n  | `conflict` | 409 |',
    ])
  })

  it('are caught with a row that stands there twice', () => {
    expect(driftAfter('errors', '| `unsigned` | ', '| `unsigned` | Twice |\n| `unsigned` | ')).toEqual([
      'docs/errors.md has, and the code has not:\n  | `unsigned` |',
    ])
  })
})
