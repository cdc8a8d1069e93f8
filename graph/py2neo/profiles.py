"""Where a server is and who asks: py2neo's connection profiles, with its defaults and settings."""

import os
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from socket import AF_INET, AF_INET6, AddressFamily, getservbyname
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from typing_extensions import override

DEFAULT_PROTOCOL = "bolt"
DEFAULT_SECURE = False
DEFAULT_VERIFY = True
DEFAULT_USER = "neo4j"
DEFAULT_PASSWORD = "password"  # noqa: S105 - what a new Neo4j and py2neo begin with
DEFAULT_HOST = "localhost"
DEFAULT_BOLT_PORT = 7687
DEFAULT_HTTP_PORT = 7474
DEFAULT_HTTPS_PORT = 7473

# What may be set beside the address, from the broadest to the finest.
SETTINGS = (
    "uri", "scheme", "protocol", "secure", "verify",
    "address", "host", "port", "port_number", "auth", "user", "password",
)  # fmt: skip


class Address(tuple[Any, ...]):
    """Host and port of a server; four parts for IPv6."""

    family: AddressFamily = AF_INET

    def __new__(cls, parts: Any) -> "Address":
        """Return an address of the class that the number of parts asks for."""
        parts = tuple(parts)
        if len(parts) not in (2, 4):
            raise ValueError("An address has two parts (IPv4) or four (IPv6)")
        return super().__new__(IPv4Address if len(parts) == 2 else IPv6Address, parts)

    @classmethod
    def parse(
        cls, text: str, default_host: str | None = None, default_port: Any = None
    ) -> "Address":
        """Return the address in a text such as ``host:7687`` or ``[::1]:7687``."""
        if text.startswith("["):
            host, _, port = text[1:].rpartition("]")
            rest: tuple[int, ...] = (0, 0)
        else:
            host, _, port = text.partition(":")
            rest = ()
        port = port.lstrip(":")
        number = int(port) if port.isdecimal() else port
        return cls((host or default_host or DEFAULT_HOST, number or default_port or 0, *rest))

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({tuple(self)!r})"

    @override
    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if len(self) == 4 else f"{self.host}:{self.port}"

    @property
    def host(self) -> str:
        """The host's name or number."""
        return str(self[0])

    @property
    def port(self) -> Any:
        """The port as it was given: a number or a service's name."""
        return self[1]

    @property
    def port_number(self) -> int:
        """The port as a number.

        Raises
        ------
        ValueError
            If it is a name that no service has.
        """
        if self.port == "bolt":
            return DEFAULT_BOLT_PORT
        try:
            return getservbyname(self.port) if isinstance(self.port, str) else int(self.port)
        except OSError:
            raise ValueError(f"Unknown port value {self.port!r}") from None


class IPv4Address(Address):
    """An address of host and port."""


class IPv6Address(Address):
    """An address of host, port, flow and scope."""

    family = AF_INET6


class ConnectionProfile(Mapping[str, Any]):
    """How to reach one server, by a URI, another profile or a mapping, and single settings.

    Settings go before the profile, and the profile before the environment: ``NEO4J_URI``,
    ``NEO4J_AUTH`` (``user:password``), ``NEO4J_SECURE`` and ``NEO4J_VERIFY`` (``1`` or else no) as
    in py2neo, and ``NEO4J_USER`` and ``NEO4J_PASSWORD`` as everywhere in this package.

    Raises
    ------
    TypeError
        If the profile is none of those.
    ValueError
        If a scheme, protocol or setting is not known.
    """

    _keys: tuple[str, ...] = (
        "secure", "verify", "scheme", "user", "password", "address",
        "auth", "host", "port", "port_number", "protocol", "uri",
    )  # fmt: skip
    _identity: tuple[str, ...] = ("protocol", "secure", "verify", "user", "password", "address")

    def __init__(self, profile: Any = None, **settings: Any) -> None:
        self.protocol = DEFAULT_PROTOCOL
        self.secure = DEFAULT_SECURE
        self.verify = DEFAULT_VERIFY
        self.user = DEFAULT_USER
        self.password = DEFAULT_PASSWORD
        self.address = Address.parse("")
        self._apply(_from_environment())
        if isinstance(profile, str):
            self._apply({"uri": profile})
        elif isinstance(profile, ConnectionProfile):
            self._apply({key: profile[key] for key in self._identity if key in profile})
        elif isinstance(profile, Mapping):
            self._apply(dict(profile))
        elif profile is not None:
            raise TypeError(f"Profile {profile!r} is neither a profile nor a URI")
        self._apply(settings)
        if not self.address.port:
            self.address = Address((self.address[0], self._default_port(), *self.address[2:]))

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.uri!r})"

    @override
    def __str__(self) -> str:
        return f"«{self.uri}»"

    @override
    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    @override
    def __len__(self) -> int:
        return len(self._keys)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    @override
    def __hash__(self) -> int:
        return hash(self._values())

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConnectionProfile) and self._values() == other._values()

    @property
    def scheme(self) -> str:
        """The URI's scheme, which says protocol, routing, encryption and verification."""
        return self._scheme_of(self.protocol)

    @property
    def auth(self) -> tuple[str, str]:
        """User and password."""
        return self.user, self.password

    @property
    def host(self) -> str:
        """The host of the address."""
        return self.address.host

    @property
    def port(self) -> Any:
        """The port of the address, as it was given."""
        return self.address.port

    @property
    def port_number(self) -> int:
        """The port of the address as a number."""
        return self.address.port_number

    @property
    def uri(self) -> str:
        """The whole URI without user and password."""
        return f"{self.scheme}://{self.address}"

    @classmethod
    def from_config_parser(
        cls, parser: ConfigParser, section: str, prefix: str | None = None
    ) -> "ConnectionProfile":
        """Return the profile in one section of a configuration; other prefixes are passed over."""
        start = prefix or ""
        found = {
            name.removeprefix(start): value
            for name, value in parser.items(section)
            if name.startswith(start)
        }
        return cls(found.pop("uri", None), **found)

    @classmethod
    def from_file(
        cls, filenames: Any, section: str, prefix: str | None = None
    ) -> "ConnectionProfile":
        """Return the profile in one section of an INI file."""
        parser = ConfigParser()
        parser.read(filenames)
        return cls.from_config_parser(parser, section, prefix)

    def to_dict(self, include_password: bool = False) -> dict[str, Any]:
        """Return all values, those with the password only if asked."""
        hidden = () if include_password else ("auth", "password")
        return {key: value for key, value in self.items() if key not in hidden}

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, key) for key in self._identity)

    def _default_port(self) -> int:
        if self.protocol != "http":
            return DEFAULT_BOLT_PORT
        return DEFAULT_HTTPS_PORT if self.secure else DEFAULT_HTTP_PORT

    def _scheme_of(self, protocol: str) -> str:
        if not self.secure:
            return protocol
        if not self.verify:
            return f"{protocol}+ssc"
        return "https" if protocol == "http" else f"{protocol}+s"

    def _apply(self, settings: Mapping[str, Any]) -> None:
        unknown = sorted(set(settings) - set(SETTINGS))
        if unknown:
            raise ValueError(f"The following settings are not supported: {', '.join(unknown)}")
        given = {key: value for key in SETTINGS if (value := settings.get(key)) not in (None, "")}
        if "uri" in given:
            self._apply(_uri_settings(urlsplit(given["uri"])))
        if "scheme" in given:
            self._apply_scheme(given["scheme"])
        if "protocol" in given:
            self._apply_protocol(given["protocol"])
        self.secure = given.get("secure", self.secure)
        self.verify = given.get("verify", self.verify)
        self._apply_address(given)
        if "auth" in given:
            auth = given["auth"]
            self.user, self.password = auth.split(":", 1) if isinstance(auth, str) else auth
        self.user = given.get("user", self.user)
        self.password = given.get("password", self.password)

    def _apply_address(self, given: Mapping[str, Any]) -> None:
        if "address" in given:
            address = given["address"]
            self.address = Address.parse(address) if isinstance(address, str) else Address(address)
        if "host" in given or "port" in given:
            host, port = given.get("host", self.host), given.get("port", self.port)
            self.address = Address.parse(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    def _apply_scheme(self, scheme: str) -> None:
        protocol, _, extension = ("http+s" if scheme == "https" else scheme).partition("+")
        if extension not in ("", "s", "ssc"):
            raise ValueError(f"Unknown scheme extension {extension!r}")
        self._apply_protocol(protocol)
        self.secure, self.verify = bool(extension), extension != "ssc"

    def _apply_protocol(self, protocol: str) -> None:
        if protocol not in ("bolt", "http"):
            raise ValueError(f"Unknown protocol {protocol!r}")
        self.protocol = protocol


class ServiceProfile(ConnectionProfile):
    """How to reach a whole installation, which may be a cluster: ``routing`` finds its servers."""

    _keys = (*ConnectionProfile._keys, "routing")
    _identity = (*ConnectionProfile._identity, "routing")

    def __init__(self, profile: Any = None, **settings: Any) -> None:
        self.routing = False
        super().__init__(profile, **settings)

    @property
    @override
    def scheme(self) -> str:
        routed = self.routing and self.protocol == "bolt"
        return self._scheme_of("neo4j" if routed else self.protocol)

    @override
    def _apply(self, settings: Mapping[str, Any]) -> None:
        settings = dict(settings)
        routing = settings.pop("routing", None)
        super()._apply(settings)
        if routing is not None:
            self.routing = routing

    @override
    def _apply_protocol(self, protocol: str) -> None:
        if protocol == "neo4j":
            self.routing = True
        super()._apply_protocol("bolt" if protocol == "neo4j" else protocol)


def _uri_settings(uri: SplitResult) -> dict[str, Any]:
    return {
        "scheme": uri.scheme,
        "address": uri.netloc.rpartition("@")[2],
        "user": uri.username and unquote(uri.username),
        "password": uri.password and unquote(uri.password),
    }


def _from_environment() -> dict[str, Any]:
    """Return the settings that the environment holds; what is empty counts as not set."""
    found: dict[str, Any] = {
        key: os.environ.get(f"NEO4J_{key.upper()}") or None
        for key in ("uri", "auth", "user", "password")
    }
    for key in ("secure", "verify"):
        flag = os.environ.get(f"NEO4J_{key.upper()}")
        found[key] = flag == "1" if flag else None
    return found
