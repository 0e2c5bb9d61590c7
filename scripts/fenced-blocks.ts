/** The fenced blocks of a Markdown page in `language`, in their order. */
export function fencedBlocks(page: string, language: 'bash' | 'js' | 'json' | 'text'): string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, block]) =>
    found === language && block ? [block] : [],
  )
}
