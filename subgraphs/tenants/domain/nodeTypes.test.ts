import { readFileSync } from 'node:fs'
import { Kind, parse } from 'graphql'
import { expect, test } from 'vitest'
import { createIds, type IdPrefix } from '../../../platform/ids.ts'
import { NODE_TYPES, nodeTypeOf } from './nodeTypes.ts'

test('every type of the schema that is a Node has a prefix, and only those', () => {
  const schema = parse(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'))
  const nodes = schema.definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.interfaces?.some(({ name }) => name.value === 'Node')
      ? [definition.name.value]
      : [],
  )
  expect(Object.values(NODE_TYPES).toSorted()).toEqual(nodes.toSorted())
})

test('an id says its type', () => {
  const ids = createIds()
  for (const [prefix, typename] of Object.entries(NODE_TYPES)) {
    expect(nodeTypeOf(ids.next(prefix as IdPrefix))).toBe(typename)
  }
})

const strangers: Record<string, string> = {
  'an id of a kind that is no Node': createIds().next('interval'),
  'a kind nobody has heard of': createIds().next('job').replace('job', 'toString'),
  'no id at all': 'hello',
  nothing: '',
  'an id with something behind it': `${createIds().next('job')}x`,
}
for (const [name, id] of Object.entries(strangers)) {
  test(`${name} has none`, () => expect(nodeTypeOf(id)).toBeNull())
}
