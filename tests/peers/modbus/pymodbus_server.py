"""A Modbus server that is not ours. Arguments: tcp PORT | serial PATH. Encodes the test values by its own means."""
import sys

from pymodbus.constants import Endian
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.payload import BinaryPayloadBuilder
from pymodbus.server import StartSerialServer, StartTcpServer
from pymodbus.transaction import ModbusRtuFramer

ORDERS = [
    (Endian.Big, Endian.Big),
    (Endian.Big, Endian.Little),
    (Endian.Little, Endian.Big),
    (Endian.Little, Endian.Little),
]


def registers(byteorder, wordorder):
    builder = BinaryPayloadBuilder(byteorder=byteorder, wordorder=wordorder)
    builder.add_16bit_int(-20500)
    builder.add_16bit_uint(65000)
    builder.add_32bit_int(-123456789)
    builder.add_32bit_uint(4000000000)
    builder.add_64bit_int(-5000000000001)
    builder.add_64bit_uint(9007199254740991)
    builder.add_32bit_float(30.56)
    builder.add_64bit_float(-1234.5678)
    return [int.from_bytes(word, "big") for word in builder.build()]


def block():
    words = [0] * 500
    for index, order in enumerate(ORDERS):
        part = registers(*order)
        words[index * 100 : index * 100 + len(part)] = part
    return ModbusSequentialDataBlock(0, words)


bits = [index % 3 == 0 for index in range(100)]
slave = ModbusSlaveContext(
    di=ModbusSequentialDataBlock(0, list(bits)),
    co=ModbusSequentialDataBlock(0, list(bits)),
    hr=block(),
    ir=block(),
    zero_mode=True,
)
context = ModbusServerContext(slaves={1: slave}, single=False)

kind, where = sys.argv[1:]
print("ready", flush=True)
if kind == "tcp":
    StartTcpServer(context=context, address=("127.0.0.1", int(where)))
else:
    StartSerialServer(context=context, framer=ModbusRtuFramer, port=where, baudrate=9600, timeout=0.05)
