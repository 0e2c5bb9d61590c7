/** As the server has it: 1 to 255 characters after trimming. */
export function nameFault(name: string): string | null {
  const length = [...name.trim()].length
  if (length === 0) return 'Give it a name'
  return length > 255 ? 'At most 255 characters' : null
}
