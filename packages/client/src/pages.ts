export interface Page<Item> {
  readonly data: readonly Item[]
  /** `null` at the end. */
  readonly nextCursor: string | null
}

/** Every item of a collection, page after page, each fetched when the one before is used up. */
export async function* itemsOf<Item>(
  fetchPage: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined
  do {
    const page = await fetchPage(cursor)
    yield* page.data
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
