import { useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { Booking } from "../../stock-api.ts";
import { Button } from "../components/button.tsx";
import { Form } from "../components/form.tsx";
import { usePanel } from "../panel.ts";
import type { Answer } from "../request.ts";
import { stockPageOf } from "./book-answers.ts";
import { bookingKey } from "./book-plan.ts";
import { QuantityField } from "./book-quantity.tsx";
import { CountDifference } from "./count-difference.tsx";
import { type Comparison, compareCount } from "./count-plan.ts";

interface CountFormProps {
  readonly location: string;
  readonly item: string;
  readonly lot?: string;
  readonly unit: "pcs" | "kg" | "L" | "m";
  readonly onCancel: () => void;
  readonly onDone: (result: Comparison) => void;
}

/** Asks what is there, shows what should be only then, and books what was found. */
export function CountForm({ location, item, lot, unit, onCancel, onDone }: CountFormProps) {
  const panel = usePanel();
  const { preference, text } = panel;
  const words = panelBookingText[preference.language.value];
  const [quantity, setQuantity] = useState("");
  const [result, setResult] = useState<Comparison | undefined>(undefined);
  const [key, setKey] = useState(bookingKey);
  const line = { ...(lot !== undefined && { lot }) };
  const compare = async (): Promise<Answer> => {
    const query = new URLSearchParams({ location, item });
    const answer = await panel.get(`/api/stock?${query}`);
    if (!answer.ok) return answer;
    const view = stockPageOf(answer.body).stock.find((it) => it.item === item);
    const compared = compareCount(quantity, line, view);
    if (typeof compared === "string") {
      const { problems, problemTodo: todo } = words.book;
      const fault = { code: compared, message: problems[compared], todo };
      return { ok: false, status: 0, fault };
    }
    setResult(compared);
    return answer;
  };
  const book = async (counted: number): Promise<Answer> => {
    const booking: Booking = { kind: "count", item, location, ...line, quantity: counted, key };
    const answer = await panel.act("/api/stock/bookings", booking);
    if (!answer.ok && answer.status === 401) panel.whenLoggedIn(() => undefined);
    return answer;
  };
  if (result === undefined) {
    return (
      <Form
        submit={words.count.compare}
        cancel={text.value.button.cancel}
        onCancel={onCancel}
        send={compare}
        onDone={() => undefined}
      >
        <p class="hint">{words.count.hidden}</p>
        <QuantityField
          id="counted"
          label={`${words.count.counted} (${words.units[unit]})`}
          unit={unit}
          value={quantity}
          onValue={setQuantity}
        />
      </Form>
    );
  }
  return (
    <Form
      key="book"
      submit={words.count.book}
      cancel={text.value.button.cancel}
      onCancel={onCancel}
      send={() => book(result.counted)}
      onDone={() => onDone(result)}
    >
      <CountDifference result={result} unit={unit} />
      <Button
        onPress={() => {
          setResult(undefined);
          setKey(bookingKey());
        }}
      >
        {words.count.recount}
      </Button>
    </Form>
  );
}
