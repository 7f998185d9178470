import { readFileSync } from 'node:fs'
import { assert, describe, test } from 'vitest'
import {
  NEUTRAL_CONTAINER_FIELDS,
  NEUTRAL_FIELDS,
  NEUTRAL_VOLUMES,
  SUPPORTED_CONTAINER_FIELDS,
  SUPPORTED_FIELDS,
  unsupportedField,
} from './podFields.ts'

const page = readFileSync(new URL('../../docs/scheduling-support.md', import.meta.url), 'utf8')

/** First words in code of each row of the table under that heading. */
function rowsUnder(heading: string): string[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field ?? '')
}

/** Words in code up to the end of the sentence. */
function listAfter(words: string): string[] {
  const [, list = ''] = page.split(words)
  return [...(list.split('.\n')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, word]) => word ?? '')
}

describe('docs/scheduling-support.md', () => {
  test('names the fields that are honoured', () => {
    assert.deepEqual(rowsUnder('Honoured').toSorted(), [...SUPPORTED_FIELDS].toSorted())
  })

  test('names the fields that do not matter', () => {
    assert.deepEqual(rowsUnder('Does not matter for where a pod may run').toSorted(), [...NEUTRAL_FIELDS].toSorted())
  })

  test('names the volumes that do not matter', () => {
    assert.deepEqual(listAfter('Volumes of these kinds: ').toSorted(), [...NEUTRAL_VOLUMES].toSorted())
  })

  test('names the fields of a container, those that are read and those that do not matter', () => {
    assert.deepEqual(listAfter('These do not matter:').toSorted(), [...NEUTRAL_CONTAINER_FIELDS].toSorted())
    const [, read = ''] = page.split('Read: ')
    for (const field of SUPPORTED_CONTAINER_FIELDS) assert.include(read.split('.\n')[0], `\`${field}\``)
  })
})

describe('a field that is not known', () => {
  const container = { name: 'main', image: 'x' }

  test('of a pod or of a container is not supported, wherever it stands', () => {
    assert.equal(unsupportedField({ containers: [container], novelty: 1 } as never), 'novelty')
    assert.equal(
      unsupportedField({ containers: [container, { ...container, novelty: 1 }] } as never),
      'containers[1].novelty',
    )
  })

  test('is not missed where it says nothing', () => {
    assert.isNull(unsupportedField({ containers: [{ ...container, novelty: {} }], novelty: [] } as never))
  })

  test('an operator of a toleration that compares numbers is one', () => {
    const tolerations = [
      { key: 'a', operator: 'Exists' },
      { key: 'b', operator: 'Gt', value: '5' },
    ]
    assert.equal(unsupportedField({ containers: [container], tolerations }), 'tolerations[1].operator')
  })
})
