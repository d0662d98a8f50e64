#!/usr/bin/env python3
"""Make the seed corpora of the fuzz targets: make_seeds.py MIXFILL FOLDER (text and binary go into
it). What fuzzing found is kept beside them under other names."""
import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import numpy as np
import scipy.io
import scipy.sparse as sp

mixfill, folder = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
NAMES = ("format.npy shape.npy indptr.npy indices.npy data.npy row.npy col.npy meta.json weight.npy "
         "mu.npy var.npy item_ids.npy user_ids.npy resp.npy global_mean.npy global_sd.npy "
         "user_mean.npy item_mean.npy user_bias.npy item_bias.npy rating_range.npy user_count.npy "
         "item_count.npy ratings.csv u.data scale.npy w.npy w_cov.npy v.npy y.npy xi.npy "
         "omega.npy m.npy phi.npy user_factor.npy user_cov.npy user_scale.npy "
         "s0.npy noise_mean.npy offset_item.npy offset_user.npy").split()


def save(kind, name, content):
    with open(f"{folder}/{kind}/{name}", "wb") as file:
        file.write(content)


def members(archive):
    """A zip as the list of members that the binary target takes."""
    with zipfile.ZipFile(archive) as z:
        return b"".join(bytes([NAMES.index(n)]) + len(c).to_bytes(2, "little") + c
                        for n, c in ((n, z.read(n)) for n in z.namelist()))


csv = b"userId,movieId,rating,timestamp\n1,31,2.5,9\n1,29,3,9\n2,31,4.0,8\n\"a \"\"b\",31,1e0,8\n"
dense = np.array([[0, 2, 0, 0, 5], [1, 0, 0, 0, 0], [0, 4.5, 3, 0, 1]])
market = io.BytesIO()
scipy.io.mmwrite(market, sp.coo_matrix(dense))
TEXTS = {
    "csv": csv, "crlf": csv.replace(b"\n", b"\r\n"), "bom": b"\xef\xbb\xbf" + csv,
    "dat": b"1::1193::5::978\n1::661::3::978\n2::661::4::9\n",
    "tab": b"196\t242\t3\t881\n186\t302\t3\t891\n", "triplets": b"1 31 2.5\n1 29 3\n2 31 4\n",
    "dense": b"0 2 0 0 5 # note\n1 0 0 0 0\n", "nan": b"nan 2 0 0 5\n1 nan nan -inf 0\n",
    "netflix": b"1:\n14,3,2005-09-06\n88,5,2005-05-13\n2:\n14,4,2005-01-01\n",
    "mtx": market.getvalue(),
    "symmetric": b"%%MatrixMarket matrix coordinate integer symmetric\n% c\n3 3 2\n2 1 4\n3 3 5\n",
    "skew": b"%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n0\n2.5\n",
    "pattern": b"%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n",
    "json": b'{"userId": 1, "movieId": "a", "rating": 2.5, "timestamp": 9, "x": [1, {"y": null}]}\n'
            b'{"userId": 2, "movieId": "\\u00e9", "rating": "3"}\n',
    "json-array": b'[{"user": 1, "item": 2, "rating": 3},\n {"user": 2, "item": 2, "rating": 1e0}]\n',
    "arff": b"% c\n@relation r\n@attribute userId numeric\n@attribute 'movie Id' {a, 'b c'}\n"
            b"@attribute rating real\n@data\n1,a,2.5\n2,'b c',?\n2,'b c',3\n",
    "libfm": b"5.0 1:1 945:1\n3 1:1 946:1 # c\n2 2:1 945:1\n",
    "semicolons": b'"User-ID";"ISBN";"Book-Rating"\n"1";"x";"3,5"\n"2";"x, y";"4"\n',
    "pivot": b"userId,i1,i2,i3\nann,5,,3\nbob,,4.5,NA\n",
    "pivot-semicolons": b";a;b;c\nx;1,5;;2\ny;;3;4\n",
    "lines": b'user,item,rating,review\n1,2,3,"good\nbook ""x"""\n2,2,4,"a\r\n\r\nb"\n',
    "cr": csv.replace(b"\n", b"\r"), "recbole": b"user_id:token\titem_id:token\trating:float\n1\t2\t3\n",
    "comment": b"% sym unweighted\n// user item rating\n# 1 2\n1 2 3\n2 2 4\n",
    "times": b"user,item,rating,time\n1,2,3,2011-06-01T12:30:00.5+02:00\n2,2,4,1306890807000\n3,2,1,2011/06/01 07:08\n",
    "gzip": gzip.compress(csv, mtime=0), "bzip2": bz2.compress(csv),
    "xz": lzma.compress(csv, check=lzma.CHECK_CRC32),
}


def tar(form, *files):
    """An archive of files that are given as a name and a content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


long = "d/" * 60 + "\u00e9/ratings.csv"
TEXTS["tar"] = tar(tarfile.USTAR_FORMAT, ("ml/README", b"no\n"), ("ml/ratings.csv", csv))[:3584]
TEXTS["tar-one"] = tar(tarfile.GNU_FORMAT, ("ml/other", csv))[:2048]
TEXTS["tar-gnu"] = tar(tarfile.GNU_FORMAT, (long, csv))[:3072]
TEXTS["tar-pax"] = gzip.compress(tar(tarfile.PAX_FORMAT, (long, csv)), mtime=0)
for name, text in TEXTS.items():
    save("text", name, b"\x00\x00" + text)
save("text", "skip", b"\x00\x80" + b"1,2,3\n1,x\n1,2,y\n2,2,4\n")
save("text", "pairs", b"\x80\x00" + b"userId,movieId\n1,31\n2,29\n")
save("text", "titles", b"\x40\x00" + b'movieId,title,genres\n1,"The ""A"", B",x\n2,C\xe9,y\n')
save("text", "titles-dat", b"\x40\x00" + b"1::A::x\n2::B\xc3\xa9::y\n")
save("text", "titles-item", b"\x40\x08" + b"1|A|01-Jan-1995||0\n2|B|||1\n")
save("text", "users", b"\x20\x00" + b'x,userId\n1,"a, b"\n2,c\n')
save("text", "int", b"\x00\x08" + b"007,1,2\n7,02,3\n")
with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    for layout in ("csr", "csc", "coo"):
        sp.save_npz("m.npz", sp.coo_matrix(dense).asformat(layout), compressed=False)
        save("binary", f"{layout}-members", b"\x01" + members("m.npz"))
        sp.save_npz("m.npz", sp.coo_matrix(dense).asformat(layout))
        with open("m.npz", "rb") as file:
            save("binary", f"{layout}-deflated", b"\x00" + file.read())
    for dtype, order in (("f8", "C"), (">f4", "F"), ("f2", "C")):
        np.save("m.npy", np.asarray(dense, dtype=dtype, order=order))
        with open("m.npy", "rb") as file:
            save("binary", f"{dtype.strip('>')}-{order}.npy", b"\x00" + file.read())
    np.save("m.npy", (dense > 0).astype("i2"))
    with open("m.npy", "rb") as file:
        save("binary", "i2-C.npy", b"\x00" + file.read())
    with open("r.csv", "wb") as file:
        file.write(csv)
    for flags in (("--model", "map", "-k", "2"), ("--model", "classic", "-k", "2", "--no-users"),
                  ("--model", "factor", "--rank", "1")):
        subprocess.run([mixfill, "fit", "r.csv", "-o", "m.npz", *flags], check=True,
                       capture_output=True)
        save("binary", "model-" + flags[1], b"\x03" + members("m.npz"))
    with zipfile.ZipFile("ml.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("ml/ratings.csv"), csv)
        z.writestr(zipfile.ZipInfo("ml/README"), b"no\n")
    with open("ml.zip", "rb") as file:
        save("binary", "ml.zip", b"\x00" + file.read())
    os.chdir("/")
