import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#eef1ff',
  '#dde3ff',
  '#bcc6fb',
  '#98a7f6',
  '#7d8ff2',
  '#6277ec',
  '#4358d6',
  '#384abb',
  '#303f9c',
  '#28347e',
]

const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#f0f2f5',
  '#e5e8ed',
  '#d8dce3',
  '#c0c6d0',
  '#8d95a3',
  '#5b6472',
  '#454d5a',
  '#2e343e',
  '#1a1e25',
]

const dark: MantineColorsTuple = [
  '#dfe3ea',
  '#bcc3ce',
  '#98a1af',
  '#7a8392',
  '#3b424e',
  '#2b313b',
  '#1e232b',
  '#161a20',
  '#101318',
  '#0a0c10',
]

const green: MantineColorsTuple = [
  '#e9f8f0',
  '#d0efdf',
  '#a1dfc0',
  '#6fce9f',
  '#4cc38a',
  '#2eae72',
  '#157347',
  '#11613c',
  '#0d4f31',
  '#093d26',
]

const red: MantineColorsTuple = [
  '#fff0ee',
  '#ffdfdb',
  '#ffbdb5',
  '#ff9b8f',
  '#ff8c7f',
  '#e5493a',
  '#c02a1e',
  '#a32318',
  '#861c13',
  '#6b160f',
]

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, gray, dark, green, red },
  black: '#171a20',
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'Inter, -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: { centered: true, radius: 10, closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontWeight: 600, fontSize: '1rem', overflowWrap: 'anywhere' } },
    },
    Paper: { defaultProps: { radius: 8 } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12 } },
    Tooltip: {
      defaultProps: { withArrow: true, multiline: true, maw: 320, events: { hover: true, focus: true, touch: true } },
    },
  },
})

/** Quiet text still has to be legible: 4.5 to 1 on everything that it stands on. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b6472',
    '--mantine-color-placeholder': '#6b7482',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#384abb',
    '--page': '#f7f8fa',
    '--panel': '#ffffff',
    '--line': '#e3e6eb',
    '--raised': '#f0f2f5',
    '--good': '#157347',
    '--warn': '#8a5300',
    '--bad': '#b42318',
    '--old': '#c2780c',
    '--old-text': '#8a5300',
    '--new': '#4358d6',
    '--new-text': '#384abb',
    '--third': '#0e8f83',
    '--fourth': '#7a8392',
  },
  dark: {
    '--mantine-color-dimmed': '#98a1af',
    '--mantine-color-placeholder': '#8a93a1',
    '--mantine-color-error': '#ff9b8f',
    '--mantine-color-anchor': '#a5b2f8',
    '--page': '#101318',
    '--panel': '#161a20',
    '--line': '#2b313b',
    '--raised': '#1e232b',
    '--good': '#4cc38a',
    '--warn': '#f0b14a',
    '--bad': '#ff9b8f',
    '--old': '#d9942f',
    '--old-text': '#f0b14a',
    '--new': '#7d8ff2',
    '--new-text': '#a5b2f8',
    '--third': '#35b5a6',
    '--fourth': '#7a8392',
  },
})
