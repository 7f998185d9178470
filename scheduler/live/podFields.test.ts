import { readFileSync } from 'node:fs'
import { assert, describe, test } from 'vitest'
import { NEUTRAL_FIELDS, NEUTRAL_VOLUMES, SUPPORTED_FIELDS } from './podFields.ts'

const page = readFileSync(new URL('../../docs/scheduling-support.md', import.meta.url), 'utf8')

/** First words in code of each row of the table under that heading. */
function rowsUnder(heading: string): string[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field ?? '')
}

describe('docs/scheduling-support.md', () => {
  test('names the fields that are honoured', () => {
    assert.deepEqual(rowsUnder('Honoured').toSorted(), [...SUPPORTED_FIELDS].toSorted())
  })

  test('names the fields that do not matter', () => {
    assert.deepEqual(rowsUnder('Does not matter for where a pod may run').toSorted(), [...NEUTRAL_FIELDS].toSorted())
  })

  test('names the volumes that do not matter', () => {
    const [, list = ''] = page.split('Volumes of these kinds: ')
    const kinds = [...(list.split('.\n')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, kind]) => kind ?? '')
    assert.deepEqual(kinds.toSorted(), [...NEUTRAL_VOLUMES].toSorted())
  })
})
