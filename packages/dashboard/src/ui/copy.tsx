import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useState } from 'react'

/** Of pages that are not served over TLS the browser keeps its clipboard away: then the text is selected by hand. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

type Outcome = 'none' | 'copied' | 'refused'

function useCopy(text: string): readonly [Outcome, () => void] {
  const [outcome, setOutcome] = useState<Outcome>('none')
  useEffect(() => {
    if (outcome === 'none') return
    const timer = setTimeout(() => setOutcome('none'), 2500)
    return () => clearTimeout(timer)
  }, [outcome])
  return [outcome, () => void copyText(text).then((copied) => setOutcome(copied ? 'copied' : 'refused'))]
}

const words = { none: 'Copy', copied: 'Copied', refused: 'Select it and copy' } as const satisfies Record<
  Outcome,
  string
>

export function CopyIcon({ text, what }: { readonly text: string; readonly what: string }) {
  const [outcome, copy] = useCopy(text)
  const label = outcome === 'none' ? `Copy ${what}` : words[outcome]
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
        {outcome === 'copied' ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  )
}

export function CopyButton({ text, onCopy }: { readonly text: string; readonly onCopy?: () => void }) {
  const [outcome, copy] = useCopy(text)
  const icon = outcome === 'copied' ? <IconCheck size={16} /> : <IconCopy size={16} />
  const press = () => {
    copy()
    onCopy?.()
  }
  return (
    <Button variant="default" leftSection={icon} onClick={press} aria-live="polite">
      {words[outcome]}
    </Button>
  )
}
