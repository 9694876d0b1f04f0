import { ListFrame } from "@/ui/list/list-frame";
import { Presets } from "@/ui/list/presets";
import { useListUrl } from "@/ui/list/use-list-url";
import { FactBody } from "./fact-body";
import { fetchParked, keyOf, keyText, PARKED_KEY, type ParkedFact, type ParkedQuery } from "./parked";
import { PARKED_PRESETS, parkedList } from "./parked-list";

const POLL_MS = 10_000;

export default function ParkedPage() {
  const { setOpen } = useListUrl(parkedList);
  return (
    <ListFrame<ParkedFact, ParkedQuery>
      title="Parked facts"
      definition={parkedList}
      queryKey={PARKED_KEY}
      rowKey={keyText}
      fetchPage={fetchParked}
      pollMs={POLL_MS}
      empty={{
        title: "Nothing waits",
        text: "A fact that comes before what it needs waits here, and is applied in the moment that comes.",
      }}
      above={<Presets definition={parkedList} presets={PARKED_PRESETS} />}
      panel={{
        title: (name) => keyOf(name).event_id,
        body: (name) => <FactBody name={name} onGone={() => setOpen(null)} />,
      }}
    />
  );
}
