import { Button } from '@mantine/core'
import { IconShieldLock } from '@tabler/icons-react'
import { Link } from 'react-router'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { Panel } from '../../ui/panel.tsx'

/** A workspace that holds nothing yet. */
export function FirstSteps() {
  return (
    <Panel>
      <NothingYet
        icon={<IconShieldLock />}
        title="No secret yet"
        action={
          <Button component={Link} to="/secrets">
            To the secrets
          </Button>
        }
      >
        The first step: make an identity secret, or import the one that your customers sign with today. Then let your
        backend verify with it, and this page shows who uses what.
      </NothingYet>
    </Panel>
  )
}
