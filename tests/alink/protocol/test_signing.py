"""Signatures: vectors computed apart from this code, one for each form of client that the platform knows."""

import pytest

from custom_components.aliyun_iot.alink.protocol.signing import SignMethod, sign

PRODUCT_SECRET = "Px7QkLm2Nv9RtYw3"
DEVICE_SECRET = "0123456789abcdef0123456789abcdef"

# name, secret, parameters, md5, sha1, sha256
VECTORS = [
    pytest.param(
        PRODUCT_SECRET,
        {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01", "random": "567345"},
        "b0bf13ba4e1d5671c60a7f300435e720",
        "ee480d81f86895f322a6a29e5a19c20db9cb5e0c",
        "ab28244cf839b7cec1004da19dbc87ab9501964ae14e0563391d430311aae690",
        id="H1 registration",
    ),
    pytest.param(
        PRODUCT_SECRET,
        {"productKey": "a1B2c3D4e5F", "deviceName": "ha-gateway-01", "random": "8Ygb7ULYh53B6OA"},
        "b88eaf897c4c19108a65083bf0159f58",
        "8208af2f40fd48c3754d9b288a1594f58bde838c",
        "c454df69bc7769d008b6bfb6667ef6d31ede3650dd823138ca1175dbd57640ae",
        id="H2 registration with the constant random of the C SDK",
    ),
    pytest.param(
        PRODUCT_SECRET,
        {"productKey": "a1B2c3D4e5F", "deviceName": "dev:01@x", "random": "567345"},
        "664bcb07d45f7bcab2b8bc261431c2d4",
        "b3234f3903a7df3ddf978bc56598da4e880dafaa",
        "13411c5c33fdbc2abf971d07e01158d2ab87e1d1d0f17005ea4150a05b996a8c",
        id="H3 registration with reserved characters",
    ),
    pytest.param(
        "testProductSecret",
        {"productKey": "al123456789", "deviceName": "device1", "random": "123"},
        "ca251b4993de138bf19348bb846d3636",
        "36d2a8bac6c892d13b0f97390e102a5e8c413e6e",
        "29ba8a7c5da7e12fef07403f7c224f5424ce643f2aaba4635428e01336f2f055",
        id="H4 registration as in the documentation",
    ),
    pytest.param(
        "secret",
        {"clientId": "12345", "deviceName": "device", "productKey": "pk", "timestamp": "789"},
        "14b198324fe55e1d3c88f2e705e201ee",
        "fafd82a3d602b37fb0fa8b7892f24a477f851a14",
        "6074a46a91b1ebb2cc4ea42790ad0e80202c9843859fc292e57c4eb19fad9e57",
        id="C0 the sample of the documentation",
    ),
    pytest.param(
        DEVICE_SECRET,
        {
            "clientId": "aabbccddeeff",
            "deviceName": "ha-gateway-01",
            "productKey": "a1B2c3D4e5F",
            "timestamp": "1700000000000",
        },
        "df9c1df9da28f8baff2c67c7df4278fe",
        "eae4f78a1b8ff2b289a4a47df14e94535e9a5636",
        "e751a322e88299180ae78b9bc750b9c35b3a36b9545c314d4ef32b7751998191",
        id="C1 own client id",
    ),
    pytest.param(
        DEVICE_SECRET,
        {"clientId": "aabbccddeeff", "deviceName": "ha-gateway-01", "productKey": "a1B2c3D4e5F"},
        "2a3eb5411e297386ee3422c666788875",
        "e4d3475cc2c3b3348a2746c8b321066f04c32c3a",
        "95fe3cb3e336e79993edfa212f6ec6288dac806561dfa92aab58be153a38632c",
        id="C2 without timestamp",
    ),
    pytest.param(
        DEVICE_SECRET,
        {
            "clientId": "a1B2c3D4e5F.ha-gateway-01",
            "deviceName": "ha-gateway-01",
            "productKey": "a1B2c3D4e5F",
            "timestamp": "2524608000000",
        },
        "0254b6f04ceb99b145198ccf33437098",
        "b3b7669310e8d8995ac5c12b9f1e7f4388ad4c6f",
        "454f3647a484e5a1425363273203a72ae48929b0736c6c58ee1a6b2b867d1510",
        id="C3 the form of the C SDKs",
    ),
    pytest.param(
        DEVICE_SECRET,
        {
            "clientId": "a1B2c3D4e5F&ha-gateway-01",
            "deviceName": "ha-gateway-01",
            "productKey": "a1B2c3D4e5F",
            "timestamp": "1700000000",
        },
        "38cab7d0408f265a3fbb415c2b917cff",
        "6207584d54f68ddf70e5bf3066801186a7d1cd59",
        "411ef5fb5344138ed1cecfcec5523bab2261d12457d4b2f73f9fa92983c8ab4f",
        id="C4 the form of the Python SDK",
    ),
    pytest.param(
        DEVICE_SECRET,
        {
            "clientId": "a1B2c3D4e5F&ha-gateway-01",
            "deviceName": "ha-gateway-01",
            "productKey": "a1B2c3D4e5F",
            "timestamp": "1700000000000",
        },
        "3c4051eab63b01ac6329f24c304eb881",
        "aa78347b96962d3da347d90b2d55cde589085a4c",
        "2c0592a3f2719bd518fc5395a4ee6d0cbcfec5f8de902fc23829a7a7b64dd0b3",
        id="C5 the form of the Node.js SDK",
    ),
    pytest.param(
        DEVICE_SECRET,
        {"clientId": "", "deviceName": "ha-gateway-01", "productKey": "a1B2c3D4e5F", "timestamp": "2524608000000"},
        "0bfd4648bf8888851ad5985bc9676fbb",
        "ab10dbe67c7ef204711337addbf080432eca8372",
        "b25935c74f0d19391e32dce6db35a4f68c807f2ceb81ffaa245a003fecd7409a",
        id="C6 client id assigned by the server",
    ),
    pytest.param(
        DEVICE_SECRET,
        {"id": "a1B2c3D4e5F&ha-gateway-01", "timestamp": "2524608000000"},
        None,
        None,
        "d6da313b2b5a39e67012e38e6ae0e0676e5ec7a8d95ca2140ac45f35c5ab922e",
        id="C7 TLS-PSK",
    ),
    pytest.param(
        "fedcba9876543210fedcba9876543210",
        {
            "clientId": "a1SubPk0001.sensor01",
            "deviceName": "sensor01",
            "productKey": "a1SubPk0001",
            "timestamp": "1700000000000",
        },
        "45fe1c58ff7c36b0c072328b37a863a1",
        "74de4c5611a0fec0049901eed9fe14069972d39b",
        "b647963a5bd8acac865245025bf90f031e30420135a1113c31af5b6822f27220",
        id="G1 a sub-device's topology",
    ),
    pytest.param(
        "fedcba9876543210fedcba9876543210",
        {
            "clientId": "a1SubPk0001.sensor01|lan=Python,_v=2.2.1,_ss=1|",
            "deviceName": "sensor01",
            "productKey": "a1SubPk0001",
            "timestamp": "1700000000000",
        },
        "759d58993b37f066a9e42352803be7ae",
        "3e12fd8c12da5cd05205030ff38f0d56ffb84e46",
        "58ff8811bef70c8d3c4b6a3bab4f2162b850abd6f16c549a3bf1ff997c2e041e",
        id="G2 a sub-device's login",
    ),
    pytest.param(
        "fedcba9876543210fedcba9876543210",
        {
            "clientId": "a1SubPk0001&sensor01",
            "deviceName": "sensor01",
            "productKey": "a1SubPk0001",
            "timestamp": "1700000000000",
        },
        "39f8e482ce49f9c968724006b54f2edb",
        "9b16386aad64e5cf48281515083109e8526ed22d",
        "d4a3720cefd2386510cedc4ed383c10cd5012f6195c3d62064fa44c734b6a902",
        id="G3 the form of the Node.js SDK for sub-devices",
    ),
    pytest.param(
        "SubPs0000000001x",
        {"deviceName": "sensor01", "productKey": "a1SubPk0001", "random": "567345"},
        "d94e2ea4df1dfd7018bbc07838798516",
        "c17a1b4bde59d3b294a92196356f7d421254b44d",
        "4ee328a0f6b9e0f8d27e76b40b24c87f8ed60864891494f882d965f6b82b0d09",
        id="G4 a sub-device's registration",
    ),
]


@pytest.mark.parametrize(("secret", "parameters", "md5", "sha1", "sha256"), VECTORS)
def test_signature_is_that_of_the_vector(
    secret: str, parameters: dict[str, str], md5: str | None, sha1: str | None, sha256: str
) -> None:
    expected = {SignMethod.HMACMD5: md5, SignMethod.HMACSHA1: sha1, SignMethod.HMACSHA256: sha256}
    assert {method: sign(parameters, secret, method) for method, value in expected.items() if value is not None} == {
        method: value for method, value in expected.items() if value is not None
    }
