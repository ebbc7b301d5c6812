import { useMemo, useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { StockView } from "../../stock-api.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { FaultBox } from "../components/fault-box.tsx";
import { Form } from "../components/form.tsx";
import { Shape } from "../components/shape.tsx";
import { usePanel } from "../panel.ts";
import type { Answer } from "../request.ts";
import { useFetched } from "../use-fetched.ts";
import { bookedOf, stockPageOf } from "./book-answers.ts";
import { BookFields } from "./book-fields.tsx";
import { type BookingForm, bookingKey, bookingOf, problemOf, thereOf } from "./book-plan.ts";
import { BookPreview } from "./book-preview.tsx";

export interface BookProps {
  readonly location?: string;
  readonly item?: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const nowhere: readonly StockView[] = [];

/** Goods in, goods out, a move or a correction: filled in by hand or by a scanner, and said before it is done. */
export function BookDialog({ location = "", item = "", onClose, onDone }: BookProps) {
  const panel = usePanel();
  const { preference, text } = panel;
  const words = panelBookingText[preference.language.value];
  const [form, setForm] = useState<BookingForm>(() => emptyForm(item, location));
  const [key, setKey] = useState(bookingKey);
  const [done, setDone] = useState<"booked" | "twice" | undefined>(undefined);
  const { body, fault, refetch } = useFetched(stockPath(form.item), stockPageOf, done);
  const stock = useMemo(
    () =>
      form.item === "" ? nowhere : (body?.stock.filter((it) => it.item === form.item) ?? nowhere),
    [body, form.item],
  );
  const name = stock[0]?.name ?? form.item;
  const send = async (): Promise<Answer> => {
    const problem = problemOf(form, stock);
    if (problem !== undefined) {
      const { problems, problemTodo, tooMuchTodo } = words.book;
      const unit = words.units[stock[0]?.unit ?? "pcs"];
      const there = `${panel.format.peek().number(thereOf(stock, form.location, form.lot))} ${unit}`;
      const todo = problem === "tooMuch" ? tooMuchTodo(there) : problemTodo;
      return { ok: false, status: 0, fault: { code: problem, message: problems[problem], todo } };
    }
    const answer = await panel.act("/api/stock/bookings", bookingOf(form, key));
    if (!answer.ok && answer.status === 401) panel.whenLoggedIn(() => undefined);
    return answer;
  };
  const title = name === "" ? words.book.title : words.book.titleOf(name);
  return (
    <Dialog title={title} closeLabel={text.value.button.close} onClose={onClose}>
      <FaultBox fault={fault} />
      {done === undefined ? (
        <Form
          submit={words.book.submit}
          cancel={text.value.button.cancel}
          onCancel={onClose}
          send={send}
          onDone={(answer) => {
            setDone(bookedOf(answer).repeated ? "twice" : "booked");
            onDone();
          }}
        >
          <BookFields
            form={form}
            stock={stock}
            fixed={{ item: item !== "", location: location !== "" }}
            onChange={(change) => setForm((before) => ({ ...before, ...change }))}
          />
          <BookPreview form={form} stock={stock} />
        </Form>
      ) : (
        <Done
          text={done === "twice" ? words.book.doneTwice : words.book.done}
          form={form}
          stock={stock}
          onClose={onClose}
          onAgain={() => {
            setForm({ ...emptyForm(item, location), kind: form.kind });
            setKey(bookingKey());
            setDone(undefined);
            refetch();
          }}
        />
      )}
    </Dialog>
  );
}

interface DoneProps {
  readonly text: string;
  readonly form: BookingForm;
  readonly stock: readonly StockView[];
  readonly onClose: () => void;
  readonly onAgain: () => void;
}

function Done({ text, form, stock, onClose, onAgain }: DoneProps) {
  const panel = usePanel();
  const words = panelBookingText[panel.preference.language.value];
  const here = stock.find((it) => it.location === form.location);
  const places = panel.snapshot.value?.gateway.locations ?? [];
  const place = places.find(({ id }) => id === form.location)?.name ?? form.location;
  return (
    <>
      <output class="booked tone-good">
        <Shape name="check" />
        <span>
          <strong>{text}</strong>
          {here !== undefined && (
            <>
              {" "}
              {place}
              {words.colon}
              {panel.format.value.number(here.quantity)} {words.units[here.unit]}
            </>
          )}
        </span>
      </output>
      <div class="dialog-foot">
        <Button onPress={onAgain}>{words.book.again}</Button>
        <Button kind="primary" onPress={onClose}>
          {panel.text.value.button.close}
        </Button>
      </div>
    </>
  );
}

function emptyForm(item: string, location: string): BookingForm {
  return {
    kind: "receipt",
    item,
    location,
    quantity: "",
    lot: "",
    expires: "",
    to: "",
    direction: "less",
    reason: "",
    document: "",
    note: "",
  };
}

/** Without an item nothing is asked for: one row costs nothing. */
function stockPath(item: string): string {
  return item === "" ? "/api/stock?limit=1" : `/api/stock?item=${encodeURIComponent(item)}`;
}
