import { AppShell, Burger, Group, ScrollArea, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Suspense, useEffect } from 'react'
import { Outlet, useLocation, useNavigation } from 'react-router'
import { DemoMark } from './demo-mark.tsx'
import { Holder } from './holder.tsx'
import { Mark } from './mark.tsx'
import { Navigation } from './navigation.tsx'
import classes from './shell.module.css'

export function Shell() {
  const [isOpen, menu] = useDisclosure(false)
  const { pathname } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever went somewhere has no use for the menu any more
  useEffect(() => menu.close(), [pathname])
  return (
    <AppShell
      header={{ height: { base: 52, md: 0 } }}
      navbar={{ width: 228, breakpoint: 'md', collapsed: { mobile: !isOpen } }}
      padding={0}
      transitionDuration={0}
    >
      <button type="button" className={classes['skip']} onClick={skipToContent}>
        Skip to content
      </button>
      <AppShell.Header hiddenFrom="md" className={classes['bar'] ?? ''}>
        <Group h="100%" px="md" gap="sm">
          <Burger opened={isOpen} onClick={menu.toggle} size="sm" aria-label="Navigation" aria-expanded={isOpen} />
          <Brand />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes['bar'] ?? ''} aria-label="Main">
        <Group visibleFrom="md" px={16} h={56}>
          <Brand />
        </Group>
        <AppShell.Section grow component={ScrollArea} px={8} pt={{ base: 8, md: 0 }}>
          <Navigation />
        </AppShell.Section>
        <AppShell.Section>
          <Holder />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Busy />
        <DemoMark />
        <div className={classes['content']}>
          <Suspense>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
    </AppShell>
  )
}

function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <Mark size={22} />
      <Text fw={650} size="md">
        Cutover
      </Text>
    </Group>
  )
}

/** Not a link: the fragment is the router's. */
function skipToContent() {
  document.getElementById('content')?.focus()
}

function Busy() {
  const { state } = useNavigation()
  return <div className={classes['busy']} data-busy={state !== 'idle'} aria-hidden="true" />
}
