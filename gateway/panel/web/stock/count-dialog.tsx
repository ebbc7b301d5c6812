import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import { Dialog } from "../components/dialog.tsx";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { useFetched } from "../use-fetched.ts";
import { stockPageOf } from "./book-answers.ts";
import { CountForm } from "./count-form.tsx";
import type { Comparison } from "./count-plan.ts";

export interface CountDialogProps {
  readonly location: string;
  readonly item: string;
  /** Absent: all lots together. */
  readonly lot?: string;
  readonly onClose: () => void;
  readonly onDone: (result: Comparison) => void;
}

/** Counts one item at one location. */
export function CountDialog({ location, item, lot, onClose, onDone }: CountDialogProps) {
  const { preference, text, snapshot } = usePanel();
  const words = panelBookingText[preference.language.value];
  const query = new URLSearchParams({ location, item });
  const { body } = useFetched(`/api/stock?${query}`, stockPageOf);
  const view = body?.stock.find((it) => it.item === item);
  const where = placeText(snapshot.value?.gateway.locations ?? [], location);
  return (
    <Dialog
      title={words.count.titleOf(view?.name ?? item)}
      closeLabel={text.value.button.close}
      onClose={onClose}
    >
      <p class="count-place">
        {where}
        {lot !== undefined && ` · ${words.lotNamed(lot)}`}
        {lot === undefined && (view?.lots.length ?? 0) > 1 && ` · ${words.count.lotsTogether}`}
      </p>
      {view !== undefined && (
        <CountForm
          location={location}
          item={item}
          unit={view.unit}
          {...(lot !== undefined && { lot })}
          onCancel={onClose}
          onDone={(result) => {
            onDone(result);
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}
