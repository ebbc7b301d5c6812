import fc from "fast-check";
import { expect, test } from "vitest";
import { type EpcisEvent, eventHash, preHash } from "./event-hash.ts";

/**
 * Events whose hashes are published with the reference implementation of the CBV 2.0 event hash
 * (github.com/RalphTro/epcis-event-hash-generator, MIT), re-keyed from there: facts to agree with.
 */
const context = [
  "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
  { gs1: "https://gs1.org/voc/", cbvmda: "urn:epcglobal:cbv:mda:" },
  { example: "https://ns.example.com/epcis/", ext1: "https://ns.ext.de/epcis/" },
];
const certificate = "https://accreditation-council.example.org/certificate/ABC12345";
const observed = { type: "ObjectEvent", action: "OBSERVE", eventTimeZoneOffset: "+01:00" };
const crs = "http://www.opengis.net/def/crs/EPSG/0/27700";

const received: EpcisEvent = {
  ...observed,
  certificationInfo: certificate,
  epcList: ["https://id.gs1.de/01/04012345999990/21/XYZ-1234"],
  ...{ bizStep: "receiving", disposition: "in_progress" },
  readPoint: { id: "https://id.gs1.de/414/4012345000115" },
};

const extended: EpcisEvent = {
  ...observed,
  eventTime: "2020-03-04T11:00:30.000+01:00",
  recordTime: "2020-03-04T11:00:30.999+01:00",
  epcList: ["0333", "0111", "0222"].map((serial) => `urn:epc:id:sscc:4012345.000000${serial}`),
  bizStep: "departing",
  readPoint: { id: "urn:epc:id:sgln:4012345.00011.987" },
  "example:myField1": { "example:mySubField1": "2", "example:mySubField2": "5" },
  "example:myField2": "0",
  "example:myField3": { "example:mySubField3": ["3", "1"] },
};

const ofKeys = [
  ...["sgtin:4012345.011111.9876", "sgtin:4012345.011111.98%22", "sgtin:415056789012.0.987654"],
  ...["sgtin:0614141.812345.6789%2F%26%25%22!%3F()", "sscc:4012345.3111111111"],
  ...["sgln:4012345.00005.122", "sgln:4012345.00005.0", "grai:4012345.00022.334455"],
  ...["giai:4012345.ABC345", "gsrn:4012345.0000006765", "gsrnp:4012345.0000000007"],
  ...["gdti:4012345.00009.PO-4711", "gdti:987659999999..9", "ginc:0614141.xyz47%2F11"],
  ...["cpi:0614141.11111111111111-A%23%2F.1234", "gsin:4012345.222333444"],
  ...["itip:4012345.011111.01.02.987", "upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB"],
  ...["pgln:4000001.00000", "pgln:999999999999."],
].map((key) => `urn:epc:id:${key}`);

const inputs = ["urn:epc:id:sgtin:4012345.011122.25", "urn:epc:id:sgtin:4000001.065432.99886655"];
const outputs = [25, 26, 27, 28].map((serial) => `urn:epc:id:sgtin:4012345.077889.${serial}`);
const transformed: EpcisEvent = {
  ...{ type: "TransformationEvent", eventTimeZoneOffset: "+02:00" },
  eventTime: "2019-10-21T14:58:56.591+02:00",
  ...{ inputEPCList: inputs, outputEPCList: outputs, bizStep: "commissioning" },
  readPoint: { id: "urn:epc:id:sgln:4012345.00001.0" },
};

const published: readonly (readonly [string, EpcisEvent, string])[] = [
  [
    "user extensions, nested and repeated",
    extended,
    "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7",
  ],
  [
    "certificate, sensor report and extensions inside of it",
    {
      ...received,
      eventTime: "2023-01-11T12:00:00+01:00",
      sensorElementList: [
        {
          sensorMetadata: {
            time: "2023-01-11T11:05:00Z",
            bizRules: "https://id.example.com/253/4012345000054987",
            "ext1:someFurtherMetadata": "metadataText",
          },
          sensorReport: [
            {
              ...{ type: "Dimensionless", exception: "ALARM_CONDITION" },
              coordinateReferenceSystem: crs,
              "ext1:someFurtherReportData": "reportText",
            },
          ],
        },
      ],
    },
    "765891c0478707141565408cefb87841b7531936188edd0ff0e63e91789b7c09",
  ],
  [
    "a time that is rounded up",
    {
      ...observed,
      eventTime: "2023-02-02T11:04:03.1415Z",
      epcList: ["https://id.gs1.de/00/040123451111111110"],
      ...{ bizStep: "shipping", disposition: "in_transit" },
      readPoint: { id: "https://id.gs1.de/414/4012345000115" },
    },
    "af7658e711574363633f20b3dadc7bc4c13c6f612cf96d95e03c421c0e58f3c6",
  ],
  [
    "a time that is rounded down, a place on the map",
    {
      ...observed,
      eventTime: "2023-02-02T11:04:03.1414Z",
      epcList: ["https://id.gs1.de/00/040123451111111110"],
      bizStep: "transporting",
      readPoint: { id: "geo:50.947573340894124,6.922120147375441" },
    },
    "0550df44527332c1fe417c5837fe61b9e71eaa93307b88519dac549bf2d4dcf9",
  ],
  [
    "times inside of sensor data",
    {
      ...received,
      eventTime: "2023-02-12T11:04:03.1415Z",
      sensorElementList: [
        {
          sensorMetadata: {
            time: "2023-02-12T11:04:03.1007Z",
            bizRules: "https://id.example.com/253/4012345000054987",
          },
          sensorReport: [
            {
              ...{ type: "Dimensionless", exception: "ALARM_CONDITION" },
              coordinateReferenceSystem: crs,
            },
          ],
        },
      ],
    },
    "589e6268daac257cff0a64ae0f525abcc3ff90bc7832171270fd9260e9c481c8",
  ],
  [
    "a disposition that lasts",
    {
      ...observed,
      eventTime: "2021-04-01T15:00:00+01:00",
      epcList: [1, 2].map((serial) => `urn:epc:id:sgtin:4012345.011111.${serial}`),
      ...{ bizStep: "shipping", disposition: "in_transit" },
      readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" },
      persistentDisposition: { set: ["recalled"] },
    },
    "f6a9d89f2cd8d7931daa3d4c3d48399c2173b88417932f8cc04d021671e7d01e",
  ],
  [
    "every key of GS1",
    {
      ...observed,
      eventTime: "2019-04-02T15:00:00.000+01:00",
      epcList: [
        ...ofKeys,
        "urn:epc:class:lgtin:4012345.012345.Lot987",
        "https://id.gs1.org/gtin/09780345418913",
        "https://example.com/gtin/09780345418913/21/765tz?abc=211121",
      ],
      bizStep: "inspecting",
      readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" },
    },
    "4689c31cebcad30d58b175246cd49cbd8d02fa15a4099602e8f638127b4fca79",
  ],
  [
    "a harvest with its best-before date",
    {
      ...{ type: "ObjectEvent", action: "ADD", eventTimeZoneOffset: "+02:00" },
      eventTime: "2019-10-21T14:58:56.000+02:00",
      quantityList: [
        { epcClass: "urn:epc:class:lgtin:4054739.099914.20160711", quantity: 600, uom: "KGM" },
      ],
      bizStep: "commissioning",
      readPoint: { id: "urn:epc:id:sgln:4054739.00001.0" },
      ilmd: { "cbvmda:bestBeforeDate": "2019-10-21" },
    },
    "5f396ea5cb32fe4d0980cb79f5a5eb9640559e9f5a6cefa5c98a7d6ad554b50b",
  ],
  [
    "an aggregation by class",
    {
      ...{ type: "AggregationEvent", action: "ADD", eventTimeZoneOffset: "+02:00" },
      eventTime: "2019-10-21T17:30:56.591+02:00",
      parentID: "urn:epc:id:sscc:4012344.0111111133",
      childQuantityList: [
        { epcClass: "urn:epc:class:lgtin:4054739.099902.P2", quantity: 12, uom: "KGM" },
        { epcClass: "urn:epc:class:lgtin:4054739.012345.lot2", quantity: 17 },
      ],
      bizStep: "packing",
      readPoint: { id: "urn:epc:id:sgln:4012345.00025.0" },
    },
    "cfda50b7ff23682e989bafc3747ac9b752f405305fcde6618280f6be27344f35",
  ],
  [
    "a transaction",
    {
      ...{ type: "TransactionEvent", action: "ADD", eventTimeZoneOffset: "+02:00" },
      eventTime: "2019-10-21T14:58:56.591+02:00",
      quantityList: [
        { epcClass: "urn:epc:class:lgtin:4012345.099988.2014-02-10", quantity: 2030, uom: "KGM" },
      ],
      bizStep: "holding",
      readPoint: { id: "urn:epc:id:sgln:4012345.00025.0" },
      bizLocation: { id: "urn:epc:id:sgln:4012345.00002.0" },
      bizTransactionList: [
        { type: "inv", bizTransaction: "urn:epcglobal:cbv:bt:4012345123456:RE1099" },
      ],
    },
    "b741a543ea0b2a4c4bdb3441c7dc196b41710e5b2c9870b211fac8d6d4c93427",
  ],
  [
    "a transformation",
    {
      ...transformed,
      transformationID: "urn:epc:id:gdti:4012345.55555.1234",
      ilmd: { "example:bestBeforeDate": "2020-11-10", "example:batch": "4711" },
    },
    "335da6c3ab1d932824748791beec4d7ed261ed383f6849f6b8718e8fafb4d298",
  ],
  [
    "a transformation by class",
    {
      ...transformed,
      inputQuantityList: [
        { epcClass: "urn:epc:class:lgtin:4012345.011111.4444", quantity: 10, uom: "KGM" },
        { epcClass: "urn:epc:class:lgtin:0614141.077777.987", quantity: 30 },
        { epcClass: "urn:epc:idpat:sgtin:4012345.066666.*", quantity: 220 },
      ],
      ilmd: { "example:bestBeforeDate": "2015-11-10", "example:batch": "XYZ" },
    },
    "36ab2ba0e3eac03d14a630148c63c31da00b8c4f1c311f501eb459e89a6e6350",
  ],
];

test.each(published)("has the published hash: %s", (_what, event, hash) => {
  expect(eventHash(event, context)).toBe(`ni:///sha-256;${hash}?ver=CBV2.0`);
});

test("sources and destinations stand in the standard's order, each type before its value", () => {
  const event: EpcisEvent = {
    type: "ObjectEvent",
    destinationList: [{ type: "location", destination: "urn:epc:id:sgln:4012345.00012.0" }],
    sourceList: [
      { source: "urn:epc:id:pgln:4000001.00012", type: "possessing_party" },
      { source: "urn:epc:id:pgln:4000001.00012", type: "urn:epcglobal:cbv:sdt:owning_party" },
    ],
    ilmd: { "example:x": 1 },
    sensorElementList: [{ sensorReport: [{ type: "gs1:Mass", value: "1e3", uom: "GRM" }] }],
  };
  expect(preHash(event, context)).toBe(
    "eventType=ObjectEvent" +
      "sourceListtype=https://ref.gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/4000001000128" +
      "type=https://ref.gs1.org/cbv/SDT-possessing_partysource=https://id.gs1.org/417/4000001000128" +
      "destinationListtype=https://ref.gs1.org/cbv/SDT-locationdestination=https://id.gs1.org/414/4012345000122" +
      "sensorElementListsensorElementsensorReporttype=https://gs1.org/voc/Massvalue=1000uom=GRM" +
      "ilmd{https://ns.example.com/epcis/}x=1",
  );
});

const variants: readonly (readonly [string, EpcisEvent])[] = [
  [
    "an id, a record time, an error declaration and a comment of its own",
    {
      ...extended,
      eventID: "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
      recordTime: "2031-01-01T00:00:00Z",
      errorDeclaration: { declarationTime: "2020-01-15T00:00:00Z", reason: "incorrect_data" },
      "rdfs:comment": "seen twice",
    },
  ],
  ["the same instant in another zone", { ...extended, eventTime: "2020-03-04T10:00:30Z" }],
  ["the same instant, finer", { ...extended, eventTime: "2020-03-04T18:00:29.99950+08:00" }],
  ["a CBV word as a URN", { ...extended, bizStep: "urn:epcglobal:cbv:bizstep:departing" }],
  ["a CBV word as a URI", { ...extended, bizStep: "https://ref.gs1.org/cbv/BizStep-departing" }],
  ["a CBV word with its prefix", { ...extended, bizStep: "cbv:BizStep-departing" }],
  ["blanks around a value", { ...extended, action: " OBSERVE " }],
  [
    "a Digital Link of another host",
    {
      ...extended,
      readPoint: { id: "http://shop.example.com/some/path/gln/4012345000115/254/987?x=1#y" },
    },
  ],
  ["a number where text stood", { ...extended, "example:myField2": 0.0 }],
  ["text with zeros where a number stood", { ...extended, "example:myField2": "0.00" }],
];

test.each(variants)("does not change with %s", (_what, event) => {
  expect(eventHash(event, context)).toBe(eventHash(extended, context));
});

test("another name for the same namespace changes nothing, another namespace does", () => {
  const renamed = JSON.parse(JSON.stringify(extended).replaceAll("example:", "other:"));
  const hash = eventHash(extended, context);
  expect(eventHash(renamed, { other: "https://ns.example.com/epcis/" })).toBe(hash);
  expect(eventHash(renamed, { other: "https://ns.example.org/epcis/" })).not.toBe(hash);
});

test("what reads like a number in a reading's text, a lot or a serial number stays text", () => {
  const written = preHash(
    {
      type: "ObjectEvent",
      sensorElementList: [{ sensorReport: [{ stringValue: "1.0", hexBinaryValue: "1e3" }] }],
      ilmd: {
        "example:lot": "0012",
        "example:serial": "12E4",
        "example:long": "12345678901234567890.10",
      },
    },
    context,
  );
  expect(written).toContain("stringValue=1.0hexBinaryValue=1e3");
  expect(written).toContain("}lot=0012");
  expect(written).toContain("}serial=12E4");
  expect(written).toContain("}long=12345678901234567890.1");
});

test("numbers are written out, digit by digit", () => {
  const written = (quantity: unknown) =>
    preHash({ type: "ObjectEvent", quantityList: [{ epcClass: "urn:x:1", quantity }] }).split(
      "quantity=",
    )[1];
  expect(written(1e21)).toBe("1000000000000000000000");
  expect(written(1e-7)).toBe("0.0000001");
  expect(written(-0)).toBe("0");
  expect(written("+012.500")).toBe("12.5");
  expect(written("1E-3")).toBe("0.001");
  expect(written("-.50")).toBe("-0.5");
});

test("only the finest level of a Digital Link counts, and a short GTIN is filled up", () => {
  const read = (link: string) => preHash({ type: "ObjectEvent", epcList: [link] }).split("epc=")[1];
  expect(read("https://a.example/01/9780345418913/10/L1/21/S1")).toBe(
    "https://id.gs1.org/01/09780345418913/21/S1",
  );
  expect(read("https://a.example/01/09780345418913/22/2A/10/L1")).toBe(
    "https://id.gs1.org/01/09780345418913/10/L1",
  );
  expect(read("https://a.example/8006/040123451111180102/21/9")).toBe(
    "https://id.gs1.org/8006/040123451111180102/21/9",
  );
  expect(read("https://a.example/01/not-a-gtin")).toBe("https://a.example/01/not-a-gtin");
  expect(read("https://a.example/news/2024/01/15")).toBe("https://a.example/news/2024/01/15");
});

test("lists sort by the bytes of UTF-8", () => {
  const event = { type: "ObjectEvent", epcList: ["urn:x:\u{1F600}", "urn:x:\uFF5E"] };
  expect(preHash(event)).toBe("eventType=ObjectEventepcListepc=urn:x:\uFF5Eepc=urn:x:\u{1F600}");
});

test("a document that nests without end is cut, and does not exhaust the stack", () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`);
  const lists: unknown = JSON.parse(`${"[".repeat(5_000)}1${"]".repeat(5_000)}`);
  expect(preHash({ type: "ObjectEvent", "example:deep": deep }).length).toBeLessThan(1_000);
  expect(preHash({ type: "ObjectEvent", "example:lists": lists }).length).toBeLessThan(1_000);
});

test("the order of lists and keys never matters, a changed leaf always does", () => {
  const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[a-z]{1,6}$/));
  const tree = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,4}$/),
    fc.oneof(leaf, fc.array(leaf, { maxLength: 4 })),
  );
  fc.assert(
    fc.property(
      tree,
      fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 5 }),
      leaf,
      (fields, epcs, extra) => {
        const entries = Object.entries(fields).map(
          ([key, value]) => [`example:${key}`, value] as const,
        );
        const event = { type: "ObjectEvent", epcList: epcs, ...Object.fromEntries(entries) };
        const turned = Object.fromEntries(
          Object.entries(event)
            .toReversed()
            .map(([key, value]) => [key, Array.isArray(value) ? value.toReversed() : value]),
        );
        expect(preHash(turned, context)).toBe(preHash(event, context));
        expect(preHash({ ...event, "example:zzzzz": extra }, context)).not.toBe(
          preHash(event, context),
        );
      },
    ),
  );
});
