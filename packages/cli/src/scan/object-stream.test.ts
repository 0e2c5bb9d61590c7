import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type GitObject, ObjectStream } from './object-stream.ts'

const object = fc.record({
  id: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  type: fc.constantFrom('blob', 'commit', 'tag'),
  // Line feeds and what looks like a header, above all.
  content: fc
    .array(fc.oneof(fc.constantFrom('\n', ' blob 3\n', 'a missing\n'), fc.string()))
    .map((parts) => parts.join('')),
})

it('takes objects apart, whatever they hold, in chunks of any size, and passes over those that are missing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(object, fc.constant(null))),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (objects, lengths) => {
        const output = Buffer.from(
          objects
            .map((each) =>
              each ? `${each.id} ${each.type} ${Buffer.byteLength(each.content)}\n${each.content}\n` : `0 missing\n`,
            )
            .join(''),
        )
        const read: { object: GitObject; content: Buffer; ended: boolean }[] = []
        const stream = new ObjectStream({
          object(announced) {
            const entry = { object: announced, content: Buffer.alloc(0), ended: false }
            read.push(entry)
            return {
              push: (chunk) => {
                entry.content = Buffer.concat([entry.content, chunk])
              },
              end: () => {
                entry.ended = true
              },
            }
          },
        })
        for (let at = 0, turn = 0; at < output.length; turn++) {
          const length = lengths[turn % lengths.length] ?? 1
          stream.push(output.subarray(at, at + length))
          at += length
        }
        expect(read.map(({ object, content, ended }) => [object, content.toString(), ended])).toEqual(
          objects
            .filter((each) => each !== null)
            .map(({ id, type, content }) => [{ id, type, bytes: Buffer.byteLength(content) }, content, true]),
        )
      },
    ),
  )
})
