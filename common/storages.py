"""What a failing storage raises, on a disk and on S3."""


def failures() -> tuple[type[Exception], ...]:
    """What a storage raises when it fails; asked only then, so that no S3 client loads before."""
    from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    return OSError, Boto3Error, BotoCoreError, ClientError
