import { Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import classes from './page.module.css'

interface PageProps {
  readonly title: string
  readonly lead?: ReactNode
  /** Before the title: the state, a way back. */
  readonly above?: ReactNode
  readonly beside?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The heading takes the focus, so that a screen reader says where one is. */
export function Page({ title, lead, above, beside, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Cutover`
  }, [title])
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <Stack gap="lg">
      <div>
        {above}
        <Group justify="space-between" align="flex-start" gap="sm">
          <div className={classes['heading']}>
            <Group gap="sm" align="center" miw={0}>
              <Title order={1} ref={heading} tabIndex={-1} className="name">
                {title}
              </Title>
              {beside}
            </Group>
            {lead && (
              <Text c="dimmed" size="sm" mt={4} maw={760} component="div">
                {lead}
              </Text>
            )}
          </div>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </div>
      {children}
    </Stack>
  )
}
