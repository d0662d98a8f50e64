# Files as people have them: what is read of each, and what leads on where it is refused.
# see NAME OPTIONS...: the file of that name, from standard input, read and written as csv.
see() {
    local name=$1
    shift
    cat >"$name"
    echo "== $name $*"
    "$MIXFILL" convert "$name" --to csv -o - "$@" 2>&1
}

echo "---- headers"
printf 'customer_id\tproduct_id\tstar_rating\n1\t31\t4\n1\t32\t3\n' | see stars.tsv
printf '"User-ID";"ISBN";"Book-Rating"\n"1";"11X";"0"\n"2";"22";"5,5"\n' | see books.csv
printf 'score,user_id,item_id,rating\n0.5,1,2,3\n0.1,1,3,4\n' | see score.csv
printf 'user,movie,movieId,rating\n1,Heat,6,5\n2,Heat,6,4\n' | see title.csv
printf 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t10\t4\t1300000000\n' | see r.inter
printf '"userId"\t"movieId"\t"rating"\n1\t31\t4\n' | see quoted.tsv
printf 'userID,placeID,rating,food_rating,service_rating\nU1,13,2,1,2\nU2,13,0,0,1\n' | see place.csv
printf 'review_id,user_id,toy_id,stars\n9,1,7,5\n8,2,7,4\n' | see two.csv
printf 'user_id,toy_id,stars\n1,7,5\n2,7,4\n' | see only.csv
printf 'thing,who,points\na,x,3\nb,y,4\n' | see unknown.csv
printf 'thing,who,points\na,x,3\nb,y,4\n' | see unknown.csv --columns user=who,item=thing,rating=points
printf 'thing,who,points\na,x,3\nb,y,4\n' | see unknown.csv --columns user=2,item=1,rating=3
printf 'userId,movieId,rating\n1,2,3\n' | see named.csv --columns user=userId,item=movieId,rating=stars
printf 'userId, movieId, rating\n1, 31, 4\n 2 ,31 ,\t3\n' | see blanks.csv
printf '# movieId user_id rating\n31 1 4\n32 1 3\n' | see commented.txt
printf '%% bip weighted\n%% 2 2\n1 1 5 1300000000\n2 1 3 1300000002\n' | see konect.tsv
printf '// made by hand\n1,31,4\n' | see slashes.csv
printf 'sep=;\r\nuser;item;rating\r\n1;31;4,5\r\n' | see excel.csv
printf 'sep=;\n;31;32;33\n1;4;;2\n2;;3;1\n' | see excel2.csv
printf 'user|item|rating\na|x,y|3\n' | see pipes.txt
printf 'a~x~3\nb~x~4\n' | see tilde.txt --delimiter '~'
printf 'a\tx\t3,5\nb\tx\t4,25\n' | see comma.tsv --decimal-comma
printf 'a;x;1,234\nb;x;5,678\n' | see thousands.csv
printf 'id;user;item;rating\n0;a;x;3,5\n' | see wide.txt --delimiter ,

echo "---- no ratings, no header"
printf '7,1\n7,2\n8,1\n' | see pairs.csv
printf '7,1\n7,2\n8,1\n' | see pairs.csv --columns user=1,item=2,rating=1
printf '7 1\n7 2\n8 1\n' | see pairs.txt
printf 'userId,movieId\n7,1\n8,1\n' | see pairs2.csv --columns user=userId,item=movieId,rating=1
printf '3,7,1\n5,8,1\n' | see ones.csv --columns user=2,item=3,rating=1
printf '0,101,1001,4,1300000000\n1,101,1002,5,1300000100\n2,102,1001,3,1300000200\n' | see index5.csv
printf '0\t101\t1001\t4\t1300000000\n1\t101\t1002\t5\t1300000100\n2\t102\t1001\t3\t1300000200\n' | see index5.tsv --columns user=2,item=3,rating=4,time=5

echo "---- lines"
printf 'userId,movieId,rating\r1,31,4\r2,31,5\r' | see cr.csv
printf 'userId,movieId,rating,text\n1,31,4,"fine,\nreally"\n1,32,x,"ok"\n' | see breaks.csv
printf 'userId,movieId,rating,text\n1,31,4,"fine,\nreally ""good"""\n1,32,3,"ok"\n' | see breaks.csv
printf 'userId\tmovieId\trating\ttext\n1\t31\t4\t"What" a film\n1\t32\t3\t"so\n' | see review.tsv
printf 'userId,movieId,rating,text\n1,31,4,"open\n1,32,3,ok\n1,33,2,ok\n' | see open.csv --on-bad-line skip
printf 'userId,movieId,rating\n1,31,4\n1,32,\n2,31,NA\n' | see missing.csv
printf 'userId,movieId,rating\n1,31,4\n1,32,\n2,31,NA\n' | see missing.csv --on-bad-line skip

echo "---- times"
printf '1,31,4,1306890807.5\n1,32,3,1.3E9\n' | see fraction.csv
printf '1,31,4,2011-06-01T01:13:27Z\n1,32,3,2011/06/01 03:13 +02:00\n' | see iso.csv
printf '1,31,4,1306890807000\n1,32,3,1306890907999\n' | see milli.csv
printf '1,31,4,20110601\n1,32,3,20110602\n' | see days.csv
printf '1,31,4,soon\n1,32,3,later\n' >soon.csv
"$MIXFILL" check soon.csv --json >soon.json
echo "exit $?: $(tr -d ' \n' <soon.json | grep -o '"n_ratings":[0-9]*\|"bad_lines":{[^}]*}\|"bad_times":[0-9]*')"

echo "---- archives"
mkdir ml
printf 'userId,movieId,rating\n1,31,4\n2,31,3\n' >ml/ratings.csv
echo "no ratings" >ml/README
tar -cf - ml | gzip | see ml.tar.gz
tar -cf - ml | "$MIXFILL" check - | head -n 4
tar -cf - -C ml ratings.csv | see one.tar --member ratings.csv
tar -cf - ml | see ml.tar --member links.csv 2>&1 | sed "s/'ml[^ ]*, 'ml.*/.../"
printf 'user,item,rating,time\n1,31,4,1300000000\n2,31,3,noon\n' | "$MIXFILL" check - | grep -a 'ratings\|times'

echo "---- JSON, ARFF, libFM"
printf '{"reviewerID": "A1", "asin": "B1", "overall": 5.0, "unixReviewTime": 1300000000, "x": {"a": ["}"]}}\n\n{"asin": "B1", "overall": "3", "reviewerID": 7, "unixReviewTime": "2011-06-01"}\n' | see lines.jsonl
printf '[\n {"user": 1, "item": 2.5, "rating": 3,\n  "text": "a } \\" ["},\n {"user": 1, "item": 3, "rating": 4}\n]\n' | see array.json
printf '[{"u": 1, "i": 2}, {"u": 1, "i": 3}]' | see pairs.json --columns user=u,item=i,rating=1
printf '{"u": 1, "i": 2}\n' | see keys.json
printf '{"user": 1, "item": 2, "rating": 3}\n{"user": 1, "item": 3, "rating": null}\n{"user": 1, "item": [4], "rating": 3}\n{"user": 2, "item": 5, "rating": 3}\n' >bad.jsonl
see bad.jsonl <<<"$(cat bad.jsonl)"
"$MIXFILL" convert bad.jsonl --to csv -o - --on-bad-line skip 2>&1
printf '{"user": 1, "item": 2, "rating": 3}\n{"user": 1, "item": 3, "rating" 4}\n' | see broken.jsonl
printf '[{"user": 1, "item": 2, "rating": 3},\n{"user": 1, "item": 3' | see cut.json
printf '[{"user": 1, "item": 2, "rating": 3}' | see open.json
printf '{"user": 1, "item": 2, "rating": 3}\nuser,item\n' | see mixed.json
printf "{'user': 1, 'item': 2, 'rating': 3}\n" | see python.json
printf '{"user": 1, "item": 2, "rating": 3, "time": 1300000000000}\n' | see milli.json
printf '%% Weka\n@RELATION r\n@attribute userId numeric\n@attribute "movie id" {31,32}\n@attribute rating numeric\n\n@data\n1,31,4\n%% more\n2,'"'a,b'"',3\n' | see r.arff
printf '@relation r\n@attribute userId numeric\n@attribute movieId numeric\n@attribute rating numeric\n@data\n1,31,?\n' | see missing.arff
printf '@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n1,2\n' | see names.arff
printf '@relation r\n@attribute userId numeric\n@attribute movieId numeric\n@attribute rating numeric\n@data\n{0 1, 1 31, 2 4}\n' | see sparse.arff
printf '5.0 1:1 945:1\n3 2:1 945:1.0 # new\n' | see r.libfm
printf '5.0 1:1 945:1 7:1\n' | see three.libfm
printf '5.0 1:1 945:0.5\n' | see value.libfm

echo "---- matrices"
printf ',1001,1002,1003,1004\n101,5,,3,\n102,4,1,,2\n' | see pivot.csv
printf 'user,Alien,Emma,Heat\nann,5,,3\nbob,4,1,\neve,,2,5\n' | see titles.csv
printf 'movieId,1,2,3\n10,4,,1\n11,,3,2\n' | see items.csv
printf 'movieId,1,2,3\n10,4,,1\n11,,3,2\n' | see items.csv --transpose
printf 'movieId,1,2,3\n10,4,,1\n11,,3,2\n' | see items.csv --strict-input
printf 'user;Alien;Emma;Heat\nann;5,5;;3\nbob;4;1,5;\n' | see titles2.csv
printf '"Alien" "Emma" "Heat"\n"ann" 5 NA 3\n"bob" 4 1 NA\n' | see r.txt
printf '4,2,0,5,1\n1,0,3,2,0\n' | see bare.csv
printf '4,2,0,5\n1,0,3,2\n0,5,4,1\n' | see small.csv
printf '4,2,0,5\n1,0,3,2\n0,5,4,1\n' | see small.csv --format dense
printf '4,2,0,5\n1,0,3,2\n0,5,4,1\n' | see small.csv --strict-input
printf '7.82 99 -9.66 99 2\n99 4.08 -0.29 6.36 99\n' | see jester.txt --missing 99
printf 'x,y,x,z\n1,2,3,4\n5,0,3,4\n' | see twice.csv --format dense
printf ',a,b,c\nu,1,2,0\nu,2,0,1\n' | see row.csv
printf ',a,b,c\nu,1,2,0\nv,2,0\n' | see short.csv --format dense
printf 'a,b,c\nu,1,2,0\nv,2,"0"x,1\n' | see badquote.csv --format dense
printf 'user,age,height,weight\n1,30,180,80\n2,40,170,70\n' | see table.csv

echo "---- one value"
printf 'userId,movieId,rating\n1,31,4\n2,31,4\n' >same.csv
printf 'userId,movieId,rating\n1,31,4\n2,31,3\n2,7,1\n' >train.csv
"$MIXFILL" fit same.csv -o same.npz --strict-input 2>&1
"$MIXFILL" fit train.csv -o m.npz --model map -k 1 >/dev/null 2>&1
"$MIXFILL" evaluate m.npz same.csv --strict-input 2>&1 | grep -a 'same.csv\|test ratings'
true
