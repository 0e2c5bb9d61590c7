const wholeNumber = new Intl.NumberFormat('en')
const shortNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

export const count = (value: number) => wholeNumber.format(value)

/** 0.4 a minute is not nothing: what is small keeps a digit. */
export const rate = (value: number) => (value > 0 && value < 0.05 ? '<0.1' : shortNumber.format(value))

export function share(value: number | null): string {
  if (value === null) return '–'
  if (value > 0 && value < 0.001) return '<0.1%'
  if (value < 1 && value > 0.999) return '>99.9%'
  return percent.format(value)
}

export const plural = (value: number, one: string, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export const listed = (items: readonly string[]) => new Intl.ListFormat('en', { type: 'conjunction' }).format(items)
