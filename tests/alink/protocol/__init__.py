"""Tests of the pure half, with the identity and the secrets that they share."""

from custom_components.aliyun_iot.alink.protocol.identity import Identity, ProductCredentials, SecretCredentials

IDENTITY = Identity(product_key="a1B2c3D4e5F", device_name="ha-gateway-01")
PRODUCT = ProductCredentials(identity=IDENTITY, product_secret="Px7QkLm2Nv9RtYw3")
DEVICE = SecretCredentials(identity=IDENTITY, device_secret="0123456789abcdef0123456789abcdef")
RANDOM = "567345"
TIMESTAMP = 1700000000000
