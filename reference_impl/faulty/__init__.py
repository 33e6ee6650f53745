"""Broken variants of the reference, one file each, chosen by ``REFERENCE_VARIANT=<module>``.

A variant is a module with a class ``VariantAssembly`` that derives from
:class:`reference_impl.langflow.assembly.Assembly` and overrides one part.
"""
