import { Code, Group, Select, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CopyIcon } from '../../ui/copy.tsx'
import classes from './signing-snippet.module.css'

/** Those that the command line shows as well; each is loaded when somebody chooses it. */
const files = import.meta.glob<string>('../../../../cli/snippets/user-hash/*', { query: '?raw', import: 'default' })

const languages = {
  node: 'Node.js',
  python: 'Python',
  php: 'PHP',
  ruby: 'Ruby',
  go: 'Go',
  java: 'Java',
  perl: 'Perl',
  bash: 'Bash',
}

const snippets = Object.entries(languages).flatMap(([language, label]) => {
  const load = Object.entries(files).find(([path]) => path.includes(`/${language}.`))?.[1]
  return load === undefined ? [] : [{ value: language, label, load }]
})

/** How a backend signs the id of a user with the secret. */
export function SigningSnippet() {
  const [language, setLanguage] = useState(snippets[0]?.value ?? '')
  const chosen = snippets.find(({ value }) => value === language)
  const { data: code } = useQuery({
    queryKey: ['snippet', language],
    queryFn: () => chosen?.load() ?? '',
    enabled: chosen !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (chosen === undefined) return <Recipe />
  return (
    <Stack gap={6}>
      <Group justify="space-between" align="flex-end">
        <Select
          label="How to sign with it"
          data={snippets.map(({ value, label }) => ({ value, label }))}
          value={language}
          onChange={(value) => setLanguage(value ?? language)}
          allowDeselect={false}
          w={180}
        />
        {code !== undefined && <CopyIcon text={code} what="the code" />}
      </Group>
      {code === undefined ? (
        <Skeleton height={220} />
      ) : (
        <Code block className={classes['code'] ?? ''} tabIndex={0}>
          {code}
        </Code>
      )}
    </Stack>
  )
}

function Recipe() {
  return (
    <Text size="sm">
      A user hash is the HMAC-SHA256 of the user id, in hex, keyed with the bytes of the secret as they stand above.
    </Text>
  )
}
