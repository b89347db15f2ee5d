"""The description of a dataset in Croissant, which data sets' search engines and loaders read.

References
----------
Akhtar et al. (2024), Croissant: A Metadata Format for ML-Ready Datasets, doi:10.1145/3650203.3663326; version 1.0
of the format, http://mlcommons.org/croissant/1.0.
"""

from typing import Any

from tmx.datasets.about import About
from tmx.datasets.layout import FileRecord

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "samplingRate": "cr:samplingRate",
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

HDF5 = "application/x-hdf5"


def croissant(about: About) -> dict[str, Any]:
    """Return the description as JSON-LD."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": f"{about.samples} thermal simulations of a planetary surface: their parameters, and what was"
        " computed from them.",
        "version": about.version,
        "datePublished": about.date,
        "license": about.query.license,
        "url": f"urn:sha256:{about.fingerprint}",
        "citeAs": f"{about.name}, version {about.version}, fingerprint {about.fingerprint}",
        "distribution": [_file(record) for record in about.files],
        "recordSet": [_split_names(about), *(_part(about, part) for part, size in about.plan.sizes.items() if size)],
    }


def _file(record: FileRecord) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": record.name,
        "name": record.name,
        "contentUrl": record.name,
        "contentSize": f"{record.bytes} B",
        "encodingFormat": HDF5,
        "sha256": record.sha256,
    }


def _split_names(about: About) -> dict[str, Any]:
    """Return the record set of the parts, as the vocabulary wants it."""
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [{"@type": "cr:Field", "@id": "splits/name", "dataType": "sc:Text"}],
        "data": [{"splits/name": part} for part, size in about.plan.sizes.items() if size],
    }


def _part(about: About, part: str) -> dict[str, Any]:
    inputs = about.description.inputs
    columns = ", ".join(f"{name} [{unit}]" for name, unit in zip(inputs.names, inputs.units, strict=True))
    outputs = [
        _field(about, part, f"outputs/{name}", f"{kind.meaning} [{kind.unit}]; axes: {', '.join(kind.dims) or 'none'}")
        for name, kind in about.description.kinds.items()
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": part,
        "name": part,
        "description": f"{about.plan.sizes[part]} samples",
        "field": [_field(about, part, "inputs", f"parameters: {columns}"), *outputs],
    }


def _field(about: About, part: str, array: str, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{part}/{array}",
        "name": array,
        "description": description,
        "dataType": "sc:Float",
        "repeated": True,
        "source": {"fileObject": {"@id": about.files[0].name}, "extract": {"column": f"/{part}/{array}"}},
    }
