import { limits } from '@cutover/contract'
import { Refusal } from './refusal.ts'

export interface PageRequest {
  readonly after: string | null
  readonly limit: number
}

export interface Page<Item> {
  readonly data: readonly Item[]
  /** `null` at the end. */
  readonly nextCursor: string | null
}

/** `limit` and `cursor` of a collection; a cursor is the place after which the next page begins. */
export function parsePage(query: { readonly limit?: string; readonly cursor?: string }): PageRequest {
  const { limit = String(limits.defaultPageSize), cursor } = query
  if (!/^[1-9][0-9]{0,2}$/.test(limit) || Number(limit) > limits.pageSize) {
    throw fault('limit', `must be a number from 1 to ${limits.pageSize}`)
  }
  if (cursor !== undefined && !/^[1-9][0-9]{0,14}$/.test(cursor)) throw fault('cursor', 'is none that was given out')
  return { after: cursor ?? null, limit: Number(limit) }
}

/** One more row than was asked for tells that there is a next page. */
export async function pageOf<Row extends { readonly cursor: string }, Item>(
  request: PageRequest,
  read: (after: string | null, limit: number) => Promise<readonly Row[]>,
  toItem: (row: Row) => Item,
): Promise<Page<Item>> {
  const rows = await read(request.after, request.limit + 1)
  const shown = rows.slice(0, request.limit)
  const nextCursor = rows.length > request.limit ? (shown.at(-1)?.cursor ?? null) : null
  return { data: shown.map(toItem), nextCursor }
}

function fault(field: string, rest: string): Refusal {
  return new Refusal('fields_invalid', { faults: [{ field, message: `${field} ${rest}`, isTypeMismatch: false }] })
}
